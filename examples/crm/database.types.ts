// The tables, views and functions of Voicehooks and of this example, in the form of `supabase gen types`.
// Generated from migrations/ and examples/crm/migration.sql: change those and run `make generate`.

export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  // Allows to automatically instantiate createClient with right options
  // instead of createClient<Database, { PostgrestVersion: 'XX' }>(URL, KEY)
  __InternalSupabase: {
    PostgrestVersion: "14.5"
  }
  public: {
    Tables: {
      agents: {
        Row: {
          name: string
          phone: string
          user_id: string
        }
        Insert: {
          name: string
          phone: string
          user_id: string
        }
        Update: {
          name?: string
          phone?: string
          user_id?: string
        }
        Relationships: []
      }
      leads: {
        Row: {
          company: string
          created_at: string
          id: string
          name: string
          phone: string
        }
        Insert: {
          company?: string
          created_at?: string
          id?: string
          name: string
          phone: string
        }
        Update: {
          company?: string
          created_at?: string
          id?: string
          name?: string
          phone?: string
        }
        Relationships: []
      }
      twilio_call_events: {
        Row: {
          call_sid: string | null
          error: string | null
          event_key: string
          kind: string
          nul_replaced: boolean
          occurred_at: string | null
          params: NonNullable<Json>
          path: string
          quarantined_event: Json | null
          received_at: string
          sequence_number: number | null
        }
        Insert: {
          call_sid?: string | null
          error?: string | null
          event_key: string
          kind: string
          nul_replaced?: boolean
          occurred_at?: string | null
          params: NonNullable<Json>
          path?: string
          quarantined_event?: Json | null
          received_at?: string
          sequence_number?: number | null
        }
        Update: {
          call_sid?: string | null
          error?: string | null
          event_key?: string
          kind?: string
          nul_replaced?: boolean
          occurred_at?: string | null
          params?: NonNullable<Json>
          path?: string
          quarantined_event?: Json | null
          received_at?: string
          sequence_number?: number | null
        }
        Relationships: []
      }
      twilio_call_summaries: {
        Row: {
          account_sid: string
          call_sid: string
          data: NonNullable<Json>
          direction: string | null
          duration_seconds: number | null
          ended_at: string | null
          event_id: string
          from_number: string | null
          is_complete: boolean
          received_at: string
          reported_at: string
          started_at: string | null
          status: string | null
          to_number: string | null
        }
        Insert: {
          account_sid: string
          call_sid: string
          data: NonNullable<Json>
          direction?: string | null
          duration_seconds?: number | null
          ended_at?: string | null
          event_id: string
          from_number?: string | null
          is_complete: boolean
          received_at?: string
          reported_at: string
          started_at?: string | null
          status?: string | null
          to_number?: string | null
        }
        Update: {
          account_sid?: string
          call_sid?: string
          data?: NonNullable<Json>
          direction?: string | null
          duration_seconds?: number | null
          ended_at?: string | null
          event_id?: string
          from_number?: string | null
          is_complete?: boolean
          received_at?: string
          reported_at?: string
          started_at?: string | null
          status?: string | null
          to_number?: string | null
        }
        Relationships: []
      }
      twilio_calls: {
        Row: {
          account_sid: string
          agent_answered_at: string | null
          agent_first: boolean | null
          answered_at: string | null
          call_sid: string | null
          created_at: string
          dial_answered_at: string | null
          dial_number: string | null
          dial_seconds: number | null
          dial_status:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | null
          direction: string | null
          display_status:
            | "connecting"
            | "ringing"
            | "connected"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | "missed"
            | "voicemail"
          duration_seconds: number | null
          ended_at: string | null
          error_code: number | null
          error_message: string | null
          from_number: string | null
          id: string
          initiated_at: string | null
          lead_number: string | null
          left_voicemail: boolean
          parent_call_sid: string | null
          parent_reconciled: boolean
          placed_by: string | null
          reference: string | null
          ringing_at: string | null
          started_at: string | null
          status:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
          status_order: number
          talk_seconds: number | null
          talking_since: string | null
          to_number: string | null
          transferred_at: string | null
          updated_at: string
        }
        Insert: {
          account_sid: string
          agent_answered_at?: string | null
          agent_first?: boolean | null
          answered_at?: string | null
          call_sid?: string | null
          created_at?: string
          dial_answered_at?: string | null
          dial_number?: string | null
          dial_seconds?: number | null
          dial_status?:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | null
          direction?: string | null
          display_status?:
            | "connecting"
            | "ringing"
            | "connected"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | "missed"
            | "voicemail"
          duration_seconds?: number | null
          ended_at?: string | null
          error_code?: number | null
          error_message?: string | null
          from_number?: string | null
          id?: string
          initiated_at?: string | null
          lead_number?: string | null
          left_voicemail?: boolean
          parent_call_sid?: string | null
          parent_reconciled?: boolean
          placed_by?: string | null
          reference?: string | null
          ringing_at?: string | null
          started_at?: string | null
          status?:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
          status_order?: number
          talk_seconds?: number | null
          talking_since?: string | null
          to_number?: string | null
          transferred_at?: string | null
          updated_at?: string
        }
        Update: {
          account_sid?: string
          agent_answered_at?: string | null
          agent_first?: boolean | null
          answered_at?: string | null
          call_sid?: string | null
          created_at?: string
          dial_answered_at?: string | null
          dial_number?: string | null
          dial_seconds?: number | null
          dial_status?:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | null
          direction?: string | null
          display_status?:
            | "connecting"
            | "ringing"
            | "connected"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | "missed"
            | "voicemail"
          duration_seconds?: number | null
          ended_at?: string | null
          error_code?: number | null
          error_message?: string | null
          from_number?: string | null
          id?: string
          initiated_at?: string | null
          lead_number?: string | null
          left_voicemail?: boolean
          parent_call_sid?: string | null
          parent_reconciled?: boolean
          placed_by?: string | null
          reference?: string | null
          ringing_at?: string | null
          started_at?: string | null
          status?:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
          status_order?: number
          talk_seconds?: number | null
          talking_since?: string | null
          to_number?: string | null
          transferred_at?: string | null
          updated_at?: string
        }
        Relationships: []
      }
      twilio_errors: {
        Row: {
          account_sid: string
          call_sid: string | null
          data: NonNullable<Json>
          error_code: number | null
          error_sid: string | null
          event_id: string
          level: string | null
          occurred_at: string | null
          product: string | null
          received_at: string
        }
        Insert: {
          account_sid: string
          call_sid?: string | null
          data: NonNullable<Json>
          error_code?: number | null
          error_sid?: string | null
          event_id: string
          level?: string | null
          occurred_at?: string | null
          product?: string | null
          received_at?: string
        }
        Update: {
          account_sid?: string
          call_sid?: string | null
          data?: NonNullable<Json>
          error_code?: number | null
          error_sid?: string | null
          event_id?: string
          level?: string | null
          occurred_at?: string | null
          product?: string | null
          received_at?: string
        }
        Relationships: []
      }
      twilio_recordings: {
        Row: {
          account_sid: string
          call_sid: string
          channels: number | null
          created_at: string
          duration_seconds: number | null
          error_code: number | null
          recording_sid: string
          source: string | null
          started_at: string | null
          status:
            | "in-progress"
            | "paused"
            | "stopped"
            | "processing"
            | "absent"
            | "failed"
            | "completed"
            | "deleted"
          track: string | null
          updated_at: string
          url: string | null
        }
        Insert: {
          account_sid: string
          call_sid: string
          channels?: number | null
          created_at?: string
          duration_seconds?: number | null
          error_code?: number | null
          recording_sid: string
          source?: string | null
          started_at?: string | null
          status:
            | "in-progress"
            | "paused"
            | "stopped"
            | "processing"
            | "absent"
            | "failed"
            | "completed"
            | "deleted"
          track?: string | null
          updated_at?: string
          url?: string | null
        }
        Update: {
          account_sid?: string
          call_sid?: string
          channels?: number | null
          created_at?: string
          duration_seconds?: number | null
          error_code?: number | null
          recording_sid?: string
          source?: string | null
          started_at?: string | null
          status?:
            | "in-progress"
            | "paused"
            | "stopped"
            | "processing"
            | "absent"
            | "failed"
            | "completed"
            | "deleted"
          track?: string | null
          updated_at?: string
          url?: string | null
        }
        Relationships: [
          {
            foreignKeyName: "twilio_recordings_call_sid_fkey"
            columns: ["call_sid"]
            referencedRelation: "lead_calls"
            referencedColumns: ["call_sid"]
          },
          {
            foreignKeyName: "twilio_recordings_call_sid_fkey"
            columns: ["call_sid"]
            referencedRelation: "twilio_agents_on_call"
            referencedColumns: ["call_sid"]
          },
          {
            foreignKeyName: "twilio_recordings_call_sid_fkey"
            columns: ["call_sid"]
            referencedRelation: "twilio_calls"
            referencedColumns: ["call_sid"]
          },
          {
            foreignKeyName: "twilio_recordings_call_sid_fkey"
            columns: ["call_sid"]
            referencedRelation: "twilio_unsummarized_calls"
            referencedColumns: ["call_sid"]
          },
        ]
      }
    }
    Views: {
      lead_calls: {
        Row: {
          account_sid: string | null
          agent_answered_at: string | null
          agent_first: boolean | null
          answered_at: string | null
          call_sid: string | null
          created_at: string | null
          dial_answered_at: string | null
          dial_number: string | null
          dial_seconds: number | null
          dial_status:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | null
          direction: string | null
          display_status:
            | "connecting"
            | "ringing"
            | "connected"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | "missed"
            | "voicemail"
            | null
          duration_seconds: number | null
          ended_at: string | null
          error_code: number | null
          error_message: string | null
          from_number: string | null
          id: string | null
          initiated_at: string | null
          lead_company: string | null
          lead_id: string | null
          lead_name: string | null
          lead_number: string | null
          left_voicemail: boolean | null
          parent_call_sid: string | null
          parent_reconciled: boolean | null
          placed_by: string | null
          reference: string | null
          ringing_at: string | null
          started_at: string | null
          status:
            | "queued"
            | "initiated"
            | "ringing"
            | "in-progress"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | null
          status_order: number | null
          talk_seconds: number | null
          talking_since: string | null
          to_number: string | null
          transferred_at: string | null
          updated_at: string | null
        }
        Relationships: []
      }
      twilio_agents_on_call: {
        Row: {
          agent: string | null
          call_sid: string | null
          direction: string | null
          display_status:
            | "connecting"
            | "ringing"
            | "connected"
            | "completed"
            | "busy"
            | "no-answer"
            | "failed"
            | "canceled"
            | "missed"
            | "voicemail"
            | null
          lead_number: string | null
          reference: string | null
          since: string | null
          user_id: string | null
        }
        Relationships: []
      }
      twilio_call_timeline: {
        Row: {
          call_sid: string | null
          happened_at: string | null
          kind: string | null
          leg: string | null
          leg_sid: string | null
          received_at: string | null
          seconds: number | null
          sequence_number: number | null
          status: string | null
          step: string | null
        }
        Relationships: []
      }
      twilio_unreported_calls: {
        Row: {
          account_sid: string | null
          call_sid: string | null
          direction: string | null
          duration_seconds: number | null
          ended_at: string | null
          from_number: string | null
          missing: string | null
          started_at: string | null
          status: string | null
          to_number: string | null
        }
        Relationships: []
      }
      twilio_unsummarized_calls: {
        Row: {
          account_sid: string | null
          call_sid: string | null
          ended_at: string | null
          started_at: string | null
        }
        Insert: {
          account_sid?: string | null
          call_sid?: string | null
          ended_at?: string | null
          started_at?: string | null
        }
        Update: {
          account_sid?: string | null
          call_sid?: string | null
          ended_at?: string | null
          started_at?: string | null
        }
        Relationships: []
      }
    }
    Functions: {
      delete_old_twilio_calls: {
        Args: { batch?: number; older_than: string }
        Returns: number
      }
      ingest_twilio_stream_events: { Args: { events: Json }; Returns: Json }
      ingest_twilio_webhook: { Args: { "": Json }; Returns: Json }
      ingest_twilio_webhooks: { Args: { events: Json }; Returns: Json }
      release_twilio_transfer: { Args: { key: string }; Returns: Json }
      reserve_twilio_transfer: {
        Args: {
          account_sid: string
          call_sid: string
          per_minute: number
          per_minute_in_all: number
          request_id: string
          target: string
          user_id: string
        }
        Returns: Json
      }
    }
    Enums: {
      [_ in never]: never
    }
    CompositeTypes: {
      [_ in never]: never
    }
  }
}

type DatabaseWithoutInternals = Omit<Database, "__InternalSupabase">

type DefaultSchema = DatabaseWithoutInternals[Extract<keyof Database, "public">]

export type Tables<
  DefaultSchemaTableNameOrOptions extends
    | keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
        DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? (DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"] &
      DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Views"])[TableName] extends {
      Row: infer R
    }
    ? R
    : never
  : DefaultSchemaTableNameOrOptions extends keyof (DefaultSchema["Tables"] &
        DefaultSchema["Views"])
    ? (DefaultSchema["Tables"] &
        DefaultSchema["Views"])[DefaultSchemaTableNameOrOptions] extends {
        Row: infer R
      }
      ? R
      : never
    : never

export type TablesInsert<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Insert: infer I
    }
    ? I
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Insert: infer I
      }
      ? I
      : never
    : never

export type TablesUpdate<
  DefaultSchemaTableNameOrOptions extends
    | keyof DefaultSchema["Tables"]
    | { schema: keyof DatabaseWithoutInternals },
  TableName extends (DefaultSchemaTableNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"]
    : never) = never,
> = DefaultSchemaTableNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaTableNameOrOptions["schema"]]["Tables"][TableName] extends {
      Update: infer U
    }
    ? U
    : never
  : DefaultSchemaTableNameOrOptions extends keyof DefaultSchema["Tables"]
    ? DefaultSchema["Tables"][DefaultSchemaTableNameOrOptions] extends {
        Update: infer U
      }
      ? U
      : never
    : never

export type Enums<
  DefaultSchemaEnumNameOrOptions extends
    | keyof DefaultSchema["Enums"]
    | { schema: keyof DatabaseWithoutInternals },
  EnumName extends (DefaultSchemaEnumNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"]
    : never) = never,
> = DefaultSchemaEnumNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[DefaultSchemaEnumNameOrOptions["schema"]]["Enums"][EnumName]
  : DefaultSchemaEnumNameOrOptions extends keyof DefaultSchema["Enums"]
    ? DefaultSchema["Enums"][DefaultSchemaEnumNameOrOptions]
    : never

export type CompositeTypes<
  PublicCompositeTypeNameOrOptions extends
    | keyof DefaultSchema["CompositeTypes"]
    | { schema: keyof DatabaseWithoutInternals },
  CompositeTypeName extends (PublicCompositeTypeNameOrOptions extends {
    schema: keyof DatabaseWithoutInternals
  }
    ? keyof DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"]
    : never) = never,
> = PublicCompositeTypeNameOrOptions extends {
  schema: keyof DatabaseWithoutInternals
}
  ? DatabaseWithoutInternals[PublicCompositeTypeNameOrOptions["schema"]]["CompositeTypes"][CompositeTypeName]
  : PublicCompositeTypeNameOrOptions extends keyof DefaultSchema["CompositeTypes"]
    ? DefaultSchema["CompositeTypes"][PublicCompositeTypeNameOrOptions]
    : never

export const Constants = {
  public: {
    Enums: {},
  },
} as const
