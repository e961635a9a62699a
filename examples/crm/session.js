import { config } from "./config.js";

/** @type {import("@supabase/supabase-js").SupabaseClient} */
export const supabase = /** @type {any} */ (globalThis).supabase.createClient(config.url, config.key);

/**
 * What the functions of a page need, with the user's current token.
 * @returns {Promise<import("./project.js").Project>}
 */
export async function project() {
  const { data } = await supabase.auth.getSession();
  if (data.session === null) throw new Error("Your session has ended. Sign in again.");
  return { url: config.url, key: config.key, token: data.session.access_token };
}

/**
 * The rows of a query, or an Error with a sentence.
 * @param {PromiseLike<{data: any, error: {message: string} | null}>} query
 */
export async function rows(query) {
  const { data, error } = await query;
  if (error) throw new Error(error.message);
  return data;
}
