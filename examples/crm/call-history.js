// call-history.js
/**
 * A call with its lead: a row of the view `lead_calls` of migration.sql.
 * @typedef {import("./database.types.ts").Tables<"twilio_calls"> &
 *   {lead_id: string | null, lead_name: string | null, lead_company: string | null}} LeadCall
 */

/**
 * Which calls to list; an absent key does not restrict.
 * @typedef {object} Filter
 * @property {string} [direction] incoming or outgoing
 * @property {string} [outcome] answered, unanswered or missed
 * @property {string} [lead] A lead's id.
 * @property {string} [text] A part of a lead's name or number.
 */

const UNANSWERED = ["busy", "no-answer", "failed", "canceled", "missed", "voicemail"];

/**
 * The latest calls that this user may read.
 * @param {import("@supabase/supabase-js").SupabaseClient} supabase
 * @param {Filter} filter
 * @returns {Promise<LeadCall[]>}
 */
export async function callHistory(supabase, filter) {
  let query = supabase.from("lead_calls").select("*").order("started_at", { ascending: false }).limit(100);
  if (filter.direction === "incoming") query = query.eq("direction", "inbound");
  if (filter.direction === "outgoing") query = query.neq("direction", "inbound");
  if (filter.outcome === "answered") query = query.in("display_status", ["connected", "completed"]);
  if (filter.outcome === "unanswered") query = query.in("display_status", UNANSWERED);
  if (filter.outcome === "missed") query = query.in("display_status", ["missed", "voicemail"]);
  if (filter.lead) query = query.eq("lead_id", filter.lead);
  const text = filter.text?.replace(/[^\p{L}\p{N}+ -]/gu, "").trim();
  if (text) query = query.or(`lead_name.ilike.*${text}*,lead_number.ilike.*${text}*`);
  const { data, error } = await query;
  if (error) throw new Error(error.message);
  return data;
}
