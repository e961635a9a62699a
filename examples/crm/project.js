// project.js
/**
 * What the requests of a page need.
 * @typedef {object} Project
 * @property {string} url https://<reference>.supabase.co
 * @property {string} key The publishable key.
 * @property {string} token The signed-in user's access token.
 */

/**
 * The JSON of an answer. Throws an Error whose message is a sentence to show.
 * @param {Response} response
 * @returns {Promise<any>}
 */
export async function answerOf(response) {
  const answer = await response.json().catch(() => ({ message: `The server answered ${response.status}.` }));
  if (!response.ok) throw new Error(answer.error ?? answer.message);
  return answer;
}

/**
 * Posts JSON to one of the project's functions.
 * @param {Project} project
 * @param {string} name
 * @param {object} body
 */
export async function postTo(project, name, body) {
  const response = await fetch(`${project.url}/functions/v1/${name}`, {
    method: "POST",
    headers: { authorization: `Bearer ${project.token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return await answerOf(response);
}
