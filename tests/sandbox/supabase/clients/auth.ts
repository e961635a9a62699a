/** supabase-js, unmodified, against the sandbox's Auth: `deno run -A auth.ts ENV CHECK`. */

import { client, control, data, env, equal, error, sql } from "./checks.ts";

const admin = client(env.supabase_secret_key).auth.admin;
const account = { email: "ada@example.com", password: "secret-1" };

async function mail(to = account.email) {
  const { mail } = await control(`mail?to=${encodeURIComponent(to)}`) as { mail: Record<string, string>[] };
  return mail.at(-1)!;
}

const user = () => admin.createUser({ ...account, email_confirm: true, user_metadata: { name: "Ada" } });

const checks: Record<string, () => Promise<void>> = {
  async "closed sign-up says so"() {
    equal(
      error(await client().auth.signUp(account)),
      [422, "signup_disabled", "Signups not allowed for this instance"],
      "closed",
    );
  },

  async "sign up, confirm by mail, sign in"() {
    await control("auth", { disable_signup: false });
    const { auth } = client();
    const signedUp = data(await auth.signUp({ ...account, options: { data: { name: "Ada" } } }));
    equal(signedUp.session, null, "no session before the confirmation");
    equal(error(await auth.signInWithPassword(account)), [400, "email_not_confirmed", "Email not confirmed"], "before");
    const { otp, subject } = await mail();
    equal(subject, "Confirm Your Signup", "subject");
    const verified = data(await auth.verifyOtp({ type: "email", email: account.email, token: otp }));
    equal(verified.user?.user_metadata.name, "Ada", "metadata");
    equal(verified.user?.id, signedUp.user?.id, "same user");
    const again = data(await client().auth.signUp(account));
    equal([again.user?.identities, again.session], [[], null], "an address that is taken is not given away");
    equal(data(await auth.signInWithPassword(account)).user.email, account.email, "signed in");
    equal(error(await auth.verifyOtp({ type: "email", email: account.email, token: otp })), [
      403,
      "otp_expired",
      "Token has expired or is invalid",
    ], "a code works once");
  },

  async "autoconfirm signs up at once"() {
    await control("auth", { disable_signup: false, mailer_autoconfirm: true });
    const { auth } = client();
    equal(data(await auth.signUp(account)).session?.token_type, "bearer", "session");
    equal(error(await client().auth.signUp(account)), [422, "user_already_exists", "User already registered"], "again");
    const weak = await auth.signUp({ email: "b@example.com", password: "short" });
    equal(error(weak), [422, "weak_password", "Password should be at least 6 characters."], "weak");
    equal((weak.error as unknown as { reasons: string[] }).reasons, ["length"], "reasons");
  },

  async "one-time code and magic link"() {
    await user();
    const { auth } = client();
    data(await auth.signInWithOtp({ email: account.email, options: { emailRedirectTo: "http://localhost:5173/in" } }));
    const { otp, action_link, kind } = await mail();
    equal(kind, "magiclink", "kind");
    equal(
      error(await auth.signInWithOtp({ email: account.email })).slice(0, 2),
      [429, "over_email_send_rate_limit"],
      "too soon",
    );
    const followed = await fetch(action_link, { redirect: "manual" });
    const target = new URL(followed.headers.get("location")!);
    equal([followed.status, target.origin + target.pathname], [303, "http://localhost:5173/in"], "link");
    const fragment = new URLSearchParams(target.hash.slice(1));
    const session = data(
      await auth.setSession({
        access_token: fragment.get("access_token")!,
        refresh_token: fragment.get("refresh_token")!,
      }),
    );
    equal(session.user?.email, account.email, "session of the link");
    equal(
      error(await client().auth.verifyOtp({ type: "email", email: account.email, token: otp }))[1],
      "otp_expired",
      "used",
    );
    const used = await fetch(action_link, { redirect: "manual" });
    equal(new URL(used.headers.get("location")!).hash.includes("error_code=otp_expired"), true, "used link");
    const unknown = await auth.signInWithOtp({ email: "x@example.com", options: { shouldCreateUser: false } });
    equal(error(unknown), [422, "otp_disabled", "Signups not allowed for otp"], "unknown");
  },

  async "the link of a PKCE flow"() {
    await user();
    const { auth } = client(undefined, { auth: { flowType: "pkce", autoRefreshToken: false } });
    data(await auth.signInWithOtp({ email: account.email }));
    const followed = await fetch((await mail()).action_link, { redirect: "manual" });
    const code = new URL(followed.headers.get("location")!).searchParams.get("code")!;
    equal(data(await auth.exchangeCodeForSession(code)).user.email, account.email, "exchanged");
  },

  async "anonymous users"() {
    const { auth } = client();
    equal(error(await auth.signInAnonymously()), [
      422,
      "anonymous_provider_disabled",
      "Anonymous sign-ins are disabled",
    ], "off");
    await control("auth", { disable_signup: false, external_anonymous_users_enabled: true });
    const signedIn = data(await auth.signInAnonymously());
    equal(
      [signedIn.user?.is_anonymous, signedIn.user?.app_metadata, signedIn.user?.identities],
      [true, {}, []],
      "user",
    );
  },

  async "password, refresh, rotation and reuse"() {
    await user();
    const { auth } = client();
    equal(error(await auth.signInWithPassword({ ...account, password: "wrong" })), [
      400,
      "invalid_credentials",
      "Invalid login credentials",
    ], "wrong password");
    const first = data(await auth.signInWithPassword(account)).session!;
    const second = data(await auth.refreshSession()).session!;
    const third = data(await auth.refreshSession()).session!;
    const ids = [first, second, third].map((s) => JSON.parse(atob(s.access_token.split(".")[1])).session_id);
    equal(new Set(ids).size, 1, "one session");
    equal(new Set([first, second, third].map((s) => s.refresh_token)).size, 3, "tokens rotate");
    const parent = data(await client().auth.refreshSession({ refresh_token: second.refresh_token })).session!;
    equal(parent.refresh_token, third.refresh_token, "the parent of the active token gives the active one");
    await control("auth", { security_refresh_token_reuse_interval: 0 });
    equal(error(await client().auth.refreshSession({ refresh_token: first.refresh_token })), [
      400,
      "refresh_token_already_used",
      "Invalid Refresh Token: Already Used",
    ], "reuse");
    equal(
      error(await client().auth.refreshSession({ refresh_token: third.refresh_token }))[1],
      "refresh_token_already_used",
      "the family is revoked",
    );
    equal(error(await client().auth.refreshSession({ refresh_token: "nonsense" })), [
      400,
      "refresh_token_not_found",
      "Invalid Refresh Token: Refresh Token Not Found",
    ], "unknown");
  },

  async "reading and changing the user, signing out"() {
    await user();
    const { auth } = client();
    const { session } = data(await auth.signInWithPassword(account));
    equal(data(await auth.getUser()).user.user_metadata.name, "Ada", "read");
    equal(data(await auth.getClaims())!.claims.email, account.email, "claims, verified by the published key");
    equal(data(await auth.updateUser({ data: { team: "sales" } })).user.user_metadata.team, "sales", "data");
    equal(error(await auth.updateUser({ password: account.password })), [
      422,
      "same_password",
      "New password should be different from the old password.",
    ], "same password");
    data(await auth.updateUser({ password: "secret-2" }));
    data(await client().auth.signInWithPassword({ ...account, password: "secret-2" }));
    equal((await auth.signOut()).error, null, "out");
    // The client's own error for the answer `session_not_found`.
    equal(error(await client().auth.getUser(session!.access_token))[2], "Auth session missing!", "the session is gone");
    equal(error(await client().auth.getUser("a.b"))[1], "bad_jwt", "malformed");
  },

  async "another address, confirmed at both"() {
    await user();
    const { auth } = client();
    data(await auth.signInWithPassword(account));
    equal(data(await auth.updateUser({ email: "new@example.com" })).user.new_email, "new@example.com", "asked");
    const one = await fetch((await mail("new@example.com")).action_link, { redirect: "manual" });
    equal(one.headers.get("location")!.includes("Confirmation+link+accepted"), true, "the first of two");
    await fetch((await mail()).action_link, { redirect: "manual" });
    equal(data(await auth.getUser()).user.email, "new@example.com", "changed");
  },

  async "another password by mail"() {
    await user();
    const { auth } = client();
    data(await auth.resetPasswordForEmail(account.email));
    const { token_hash } = await mail();
    data(await auth.verifyOtp({ type: "recovery", token_hash }));
    data(await auth.updateUser({ password: "secret-3" }));
    data(await client().auth.signInWithPassword({ ...account, password: "secret-3" }));
    equal((await auth.resetPasswordForEmail("nobody@example.com")).error, null, "says nothing about users");
  },

  async "administrators"() {
    const made = data(await user()).user!;
    equal(made.user_metadata, { name: "Ada", email_verified: true }, "metadata");
    equal(
      error(await user()),
      [422, "email_exists", "A user with this email address has already been registered"],
      "twice",
    );
    data(await admin.createUser({ email: "b@example.com", password: "secret-1" }));
    const page = data(await admin.listUsers({ page: 1, perPage: 1 }));
    equal([page.users.length, page.total, page.nextPage, page.lastPage], [1, 2, 2, 2], "page");
    const changed = data(await admin.updateUserById(made.id, { app_metadata: { role: "agent" } })).user!;
    equal(changed.app_metadata, { provider: "email", providers: ["email"], role: "agent" }, "merged");
    const link = data(await admin.generateLink({ type: "magiclink", email: account.email }));
    data(await client().auth.verifyOtp({ type: "email", token_hash: link.properties!.hashed_token }));
    data(await admin.inviteUserByEmail("c@example.com"));
    equal((await mail("c@example.com")).kind, "invite", "invitation");
    data(await admin.updateUserById(made.id, { ban_duration: "24h" }));
    equal(error(await client().auth.signInWithPassword(account)), [400, "user_banned", "User is banned"], "banned");
    data(await admin.deleteUser(made.id));
    equal(error(await admin.getUserById(made.id)), [404, "user_not_found", "User not found"], "deleted");
    equal(error(await client().auth.admin.listUsers()), [403, "not_admin", "User not allowed"], "as anon");
  },

  async "rows belong to their user"() {
    await sql(`
      create table notes (id bigint generated always as identity primary key, owner uuid default auth.uid(), body text);
      alter table notes enable row level security;
      create policy own on notes to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
    `);
    const [ada, bob] = [client(), client()];
    await user();
    await admin.createUser({ email: "bob@example.com", password: "secret-1", email_confirm: true });
    data(await ada.auth.signInWithPassword(account));
    data(await bob.auth.signInWithPassword({ email: "bob@example.com", password: "secret-1" }));
    equal(data(await ada.from("notes").insert({ body: "hers" }).select("body")), [{ body: "hers" }], "written");
    equal(data(await bob.from("notes").select("body")), [], "invisible to others");
  },

  async "what is not emulated says so"() {
    await user();
    const { auth } = client();
    data(await auth.signInWithPassword(account));
    const [status, , message] = error(await auth.mfa.enroll({ factorType: "totp" }));
    equal([status, message], [501, "The sandbox does not emulate POST /auth/v1/factors."], "sentence");
  },
};

const check = checks[Deno.args[1]];
if (check === undefined) console.log(JSON.stringify(Object.keys(checks)));
else await check();
Deno.exit(0);
