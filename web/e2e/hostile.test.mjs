// What peers sent, what strangers ask, and what is too much.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { after, before, test } from "node:test";
import { account, browser, generous, missing, open, serious, Signet } from "./harness.mjs";

let server, chrome;
before(async () => {
  assert.equal(missing(), "");
  server = await Signet.start();
  await server.signet("user", "set", account.name, "--role", "admin");
  await server.signet("user", "passwd", account.name, "--password-file", server.passwordFile);
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** ask sends a request as no browser would. */
function ask(method, path, { headers = {}, body } = {}) {
  return new Promise((done, fail) => {
    const r = request({ host: "127.0.0.1", port: server.adminPort, method, path, headers, timeout: generous }, (reply) => {
      let text = "";
      reply.on("data", (d) => (text += d));
      reply.on("end", () => done({ status: reply.statusCode, headers: reply.headers, text }));
      reply.on("error", fail);
    });
    // The server answers before the body is sent, and closes.
    r.on("error", (e) => (["EPIPE", "ECONNRESET"].includes(e.code) ? undefined : fail(e)));
    r.end(body);
  });
}

test("forged and foreign requests are refused", async () => {
  const json = { "Content-Type": "application/json" };
  const body = JSON.stringify({ Set: { "server.RequireSecuritySignature": "False" }, Reason: "x" });
  const own = `127.0.0.1:${server.adminPort}`;
  for (const [what, status, method, path, options] of [
    ["no cookie", 401, "PATCH", "/api/v1/config", { headers: json, body }],
    ["a forged cookie", 401, "PATCH", "/api/v1/config", { headers: { ...json, Cookie: `signet-${server.adminPort}=${"0".repeat(64)}` }, body }],
    ["another site", 403, "POST", "/api/v1/sign-in", { headers: { ...json, Origin: "https://evil.example" }, body: "{}" }],
    ["another port of this host", 403, "POST", "/api/v1/sign-in", { headers: { ...json, Origin: "http://127.0.0.1:1" }, body: "{}" }],
    ["another site, by fetch", 403, "GET", "/api/v1/status", { headers: { "Sec-Fetch-Site": "cross-site" } }],
    ["a form", 415, "POST", "/api/v1/sign-in", { headers: { "Content-Type": "text/plain" }, body: "{}" }],
    ["10 MB", 413, "POST", "/api/v1/sign-in", { headers: { ...json, "Content-Length": 10 << 20 }, body: Buffer.alloc(1 << 16) }],
    ["another name", 421, "GET", "/", { headers: { Host: "evil.example" } }],
    ["another name for the API", 421, "GET", "/api/v1/status", { headers: { Host: `evil.example:${server.adminPort}` } }],
    ["a POST to the page", 405, "POST", "/sessions", { headers: { Host: own } }],
    ["a file above", 404, "GET", "/..%2f..%2fembed.go", {}],
  ]) {
    const reply = await ask(method, path, options);
    assert.equal(reply.status, status, `${what}: ${reply.status} ${reply.text}`);
    assert.match(reply.headers["content-security-policy"], /default-src 'self'.*frame-ancestors 'none'/, what);
  }
  assert.match(await server.signet("config", "get", "server", "RequireSecuritySignature"), /: True/);
});

test("10,000 rows are drawn a few at a time, and what peers sent is spelled out", async () => {
  const { page, wrong } = await open(chrome.context, await server.link());
  const evil = '\u202e<img src=x onerror="document.title=1">\u0007';
  const Sessions = Array.from({ length: 10_000 }, (_, i) => ({
    SessionId: "0x" + i.toString(16).padStart(16, "0"),
    ClientComputerName: `10.0.${i >> 8}.${i & 255}`,
    ClientUserName: i === 9_999 ? evil : i === 5_000 ? "=HYPERLINK(1)" : `user${i}`,
    Dialect: "3.1.1", Signed: true, SigningAlgorithm: "AES-128-GMAC", SigningRequiredBy: "server", Encrypted: false, Cipher: "",
    NumChannels: 1, NumOpens: i, SecondsExists: 1, SecondsIdle: 1,
  }));
  await page.route("**/api/v1/sessions/stream", (r) => r.fulfill({ contentType: "text/event-stream", body: `data: ${JSON.stringify({ Sessions })}\n\n` }));
  await page.getByRole("link", { name: "Sessions", exact: true }).first().click();
  await page.getByText("10000 rows").waitFor();
  assert.ok((await page.locator("tbody tr").count()) < 80);
  await page.getByRole("region", { name: "Sessions, rows" }).evaluate((e) => (e.scrollTop = e.scrollHeight));
  const last = page.locator("tbody tr").filter({ hasText: "img src=x" });
  await last.waitFor();
  assert.match(await last.innerText(), /\\u\{202e\}<img src=x onerror="document\.title=1">\\u\{7\}/);
  await page.getByRole("button", { name: "Open files", exact: true }).click();
  await page.getByRole("button", { name: "Open files", exact: true }).click();
  await page.getByRole("region", { name: "Sessions, rows" }).evaluate((e) => (e.scrollTop = 0));
  await page.locator("tbody tr").first().filter({ hasText: "img src=x" }).waitFor();
  await page.getByRole("searchbox", { name: "Search Sessions" }).fill("hyperlink");
  await page.getByText("1 of 10000 rows").waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Export CSV" }).click()]);
  const text = readFileSync(await download.path(), "utf8");
  assert.match(text, /^"Client","User",/);
  assert.match(text, /"'=HYPERLINK\(1\)"/);
  assert.deepEqual(wrong, []);
  await page.close();
});

test("what lowers protection asks who sits there", async () => {
  await chrome.context.clearCookies();
  const { page, wrong } = await open(chrome.context, server.url);
  await page.getByRole("textbox", { name: "Name" }).fill(account.name);
  await page.getByLabel("Password").fill(account.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  // The server's answer ten minutes later, which no test waits for.
  let refused = 0;
  await page.route("**/api/v1/config", async (r) => {
    const body = r.request().postDataJSON();
    if (r.request().method() !== "PATCH" || body.DryRun || refused++) return r.fallback();
    return r.fulfill({ status: 403, contentType: "application/json", body: JSON.stringify({ Code: "SignInAgain", Status: 403, Message: "this lowers protection: sign in again first" }) });
  });
  await page.getByRole("link", { name: "File shares (SMB server)" }).click();
  await page.getByRole("switch", { name: "Guest access" }).check();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const review = page.getByRole("alertdialog");
  await review.getByRole("textbox", { name: /Reason/ }).fill("a test");
  await review.getByRole("button", { name: "Lower protection…" }).click();
  const again = page.getByRole("dialog", { name: "Sign in again" });
  await again.waitFor();
  assert.deepEqual(await serious(page), []);
  await again.getByLabel("Password").fill("wrong");
  await again.getByRole("button", { name: "Sign in" }).click();
  await again.getByText("wrong name or password").waitFor();
  await again.getByLabel("Password").fill(account.password);
  await again.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Saved as revision 1").waitFor();
  assert.match(await server.signet("config", "get", "server", "EnableGuestAccess"), /: True/);
  assert.deepEqual(wrong, []);
  await page.close();
});
