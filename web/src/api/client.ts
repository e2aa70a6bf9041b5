import type { Error as Refusal, NewSignIn, SignIn } from "./types";

/** What the API refused, in its words. */
export class ApiError extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.Message);
  }
  get code() {
    return this.refusal.Code;
  }
}

// The token that goes with every change is told once, at sign-in. It lives as
// long as the tab: another tab of the same browser can look, but not change.
const tokenKey = "signet-token";

/** Whether this tab may ask for changes. */
export const canWrite = () => sessionStorage.getItem(tokenKey) !== null;

let signedOut: () => void = () => undefined;

/** onSignedOut says what is done when the sign-in has ended. */
export function onSignedOut(then: () => void) {
  signedOut = then;
}

/** call asks the API, and throws an ApiError if it refuses. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers: { [name: string]: string } = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const token = sessionStorage.getItem(tokenKey);
  if (token && method !== "GET") headers["X-Signet-Token"] = token;
  let reply: Response;
  try {
    reply = await fetch("/api/v1/" + path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new ApiError({ Code: "Unreachable", Status: 0, Message: "The server does not answer.", Hint: "signet status on its host says whether it runs" });
  }
  if (reply.status === 204) return undefined as T;
  const text = await reply.text();
  let answer: unknown;
  try {
    answer = text === "" ? undefined : JSON.parse(text);
  } catch {
    answer = undefined;
  }
  if (reply.ok) return answer as T;
  const refusal = (answer as Refusal | undefined) ?? { Code: "Error", Status: reply.status, Message: reply.statusText };
  if (refusal.Code === "SignInRequired" && path !== "sign-in") {
    sessionStorage.removeItem(tokenKey);
    signedOut();
  }
  throw new ApiError(refusal);
}

export const get = <T>(path: string) => call<T>("GET", path);

/** signIn signs in by name and password, or by the token of a link. */
export async function signIn(by: { Name: string; Password: string } | { Token: string }): Promise<SignIn> {
  const made = await call<NewSignIn>("POST", "sign-in", by);
  sessionStorage.setItem(tokenKey, made.Token);
  return made;
}

export async function signOut() {
  try {
    await call<void>("DELETE", "sign-in");
  } finally {
    sessionStorage.removeItem(tokenKey);
    signedOut();
  }
}

/** tokenOf finds the token in a link of signet admin link, or returns "". */
export function tokenOf(link: string): string {
  const at = link.indexOf("#token=");
  return at < 0 ? "" : link.slice(at + "#token=".length).trim();
}
