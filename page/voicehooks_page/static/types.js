/**
 * What the server answers; README.md of this distribution describes it. A live environment leaves out what it
 * does not know, so most keys are optional.
 *
 * @typedef {object} About
 * @property {string} name
 * @property {boolean} read_only
 * @property {string} [account_sid]
 * @property {string} [project_ref]
 *
 * @typedef {object} Call A call or a leg, as Twilio's API shows it.
 * @property {string} sid
 * @property {string | null} [parent_call_sid]
 * @property {string} from
 * @property {string} to
 * @property {string} direction
 * @property {string} status
 * @property {string | null} [date_created] RFC 2822
 * @property {string | null} [date_updated] RFC 2822, when the status changed
 * @property {string | null} [start_time] RFC 2822
 * @property {string | null} [end_time] RFC 2822
 * @property {string | null} [duration] seconds
 * @property {number} [legs]
 * @property {number} [recordings]
 * @property {string | null} [problem]
 *
 * @typedef {object} Step Something that happened in a call.
 * @property {number} id
 * @property {string} moment ISO 8601
 * @property {number} offset seconds since the call began
 * @property {string} call_sid
 * @property {string} [root_call_sid]
 * @property {string} kind
 * @property {string} text
 *
 * @typedef {object} Recording
 * @property {string} sid
 * @property {string} status
 * @property {string | null} [duration] seconds
 * @property {string | null} [start_time] RFC 2822
 *
 * @typedef {object} Story Everything about one call.
 * @property {string} sid
 * @property {string} status
 * @property {boolean} finished
 * @property {Call} call
 * @property {Call[]} legs
 * @property {Recording[]} recordings
 * @property {Step[]} steps
 *
 * @typedef {object} WebhookRequest
 * @property {number} id
 * @property {number} time seconds since 1970
 * @property {string} [moment] ISO 8601
 * @property {string} kind voice, action, status or recording
 * @property {string} call_sid
 * @property {string} root_call_sid
 * @property {string} method
 * @property {string} url
 * @property {string} [webhook_url]
 * @property {Record<string, string>} params
 * @property {Record<string, string>} [headers]
 * @property {number} [attempt]
 * @property {number | null} [status] of the answer; null if there was none
 * @property {number} [duration_ms]
 * @property {Record<string, string>} [response_headers]
 * @property {string} [body]
 * @property {number | null} [error_code]
 * @property {string} [error]
 *
 * @typedef {Record<string, unknown>} Row
 *
 * @typedef {object} RowChange
 * @property {string} table
 * @property {"INSERT" | "UPDATE" | "DELETE"} type
 * @property {Row | null} record
 * @property {Row | null} old_record
 *
 * @typedef {object} PhoneNumber
 * @property {string} phone_number E.164
 * @property {string} [friendly_name]
 * @property {string} [route]
 * @property {string[]} [forward_to] E.164
 * @property {string} [updated]
 *
 * @typedef {object} EdgeFunction
 * @property {string} slug
 * @property {number} version
 * @property {string} [status]
 * @property {string | number} [updated_at]
 *
 * @typedef {object} LogLine
 * @property {string | number} [id]
 * @property {string} [time]
 * @property {string} [level]
 * @property {string} text
 *
 * @typedef {object} Finding
 * @property {"ok" | "warning" | "error"} level
 * @property {string} text
 * @property {string} [command]
 *
 * @typedef {{ fault: string } & Record<string, unknown>} Fault
 *
 * @typedef {object} Mail
 * @property {string} to
 * @property {string} [subject]
 * @property {string} [type]
 * @property {string} [text]
 */

export {};
