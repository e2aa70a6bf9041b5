// Every page: no refusal by the policy, nothing loaded from elsewhere, nothing
// that axe finds serious, in light, dark and high contrast, wide and narrow.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, missing, open, serious, shot, Signet } from "./harness.mjs";

const routes = ["/", "/servers", "/settings/file-shares", "/settings/smb-client", "/settings/rules", "/settings/administrators", "/settings/log", "/shares", "/users", "/sessions", "/open-files", "/events", "/history"];

let server, chrome, session;
before(async () => {
  assert.equal(missing(), "");
  server = await Signet.start();
  chrome = await browser();
  await server.signet("config", "set", "server", "AuditInsecureGuestLogon=True", "--reason", "=HYPERLINK(\u202e)");
  await server.signet("rule", "add", "Scanner", "--address", "192.0.2.7", "--signing", "required", "--reason", "a test").catch(() => undefined);
  await server.smbclient("ls", { user: "eve%wrong" });
  session = await server.session();
});
after(async () => {
  await session?.end();
  await chrome?.close();
  await server?.stop();
});

/** settle waits until nothing spins. */
async function settle(page) {
  await page.locator("h1").waitFor();
  await page.waitForFunction(() => !document.querySelector(".fui-Spinner") && ![...document.querySelectorAll(".count")].some((c) => c.textContent === "Loading"));
}

test("every page is sound in light, dark and high contrast", async () => {
  const { page, wrong } = await open(chrome.context, await server.link());
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  const linked = await page.locator("nav a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  assert.deepEqual([...new Set(linked)].sort(), [...routes].sort(), "the pages that there are, and those that are looked at");
  const found = [];
  for (const look of ["Light", "Dark", "High contrast"]) {
    await page.evaluate((l) => localStorage.setItem("signet-look", l), look);
    for (const route of routes) {
      await page.goto(server.url + route);
      await settle(page);
      for (const v of await serious(page)) found.push(`${look} ${route}: ${v}`);
      await shot(page, `${look.toLowerCase().replace(" ", "-")}-${route.slice(1).replaceAll("/", "-") || "overview"}`);
    }
  }
  assert.deepEqual(found, []);
  assert.deepEqual(wrong, []);
  await page.close();
});

test("a page fits into 360 pixels", async () => {
  const { page, wrong } = await open(chrome.context, await server.link());
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await page.evaluate(() => localStorage.setItem("signet-look", "Light"));
  await page.setViewportSize({ width: 360, height: 740 });
  for (const route of routes) {
    await page.goto(server.url + route);
    await settle(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${route} is ${wide} pixels wide`);
    await shot(page, `narrow-${route.slice(1).replaceAll("/", "-") || "overview"}`);
  }
  await page.getByRole("button", { name: "Pages" }).click();
  await page.getByRole("link", { name: "Sessions" }).click();
  await page.getByRole("heading", { name: "Sessions", level: 1 }).waitFor();
  assert.deepEqual(wrong, []);
  await page.close();
});

test("the sign-in page is sound", async () => {
  const { page, wrong } = await open(chrome.context, await server.link());
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  await page.getByRole("button", { name: /sign out and appearance/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in to Signet" }).waitFor();
  assert.deepEqual(await serious(page), []);
  await shot(page, "sign-in");
  assert.deepEqual(wrong, []);
  await page.close();
});
