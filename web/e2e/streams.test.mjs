// Many tabs: a browser has six connections to a host, and each stream holds one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { account, browser, missing, open, Signet } from "./harness.mjs";

let server, chrome;
before(async () => {
  assert.equal(missing(), "");
  server = await Signet.start();
  chrome = await browser();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

/** see makes a page seen or not. A browser without a window shows all of them. */
const see = (page, seen) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, !seen);

test("tabs that are not seen keep no other from loading, and catch up", async () => {
  const first = await open(chrome.context, await server.link());
  await first.page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
  const tabs = [first];
  for (let i = 0; i < 6; i++) {
    await see(tabs.at(-1).page, false);
    const tab = await open(chrome.context, server.url + (i % 2 ? "/sessions" : "/events"));
    await tab.page.getByText(/as it is now|and what happens now/).waitFor();
    tabs.push(tab);
  }
  const events = tabs.find((t) => t.page.url().endsWith("/events")).page;
  await events.getByRole("heading", { name: "Events", level: 1 }).waitFor();
  assert.equal(await events.getByText(/and what happens now/).count(), 0);
  await server.smbclient("ls", { user: "mallory%guess" });
  await see(events, true);
  await events.getByRole("cell", { name: "mallory", exact: true }).waitFor();
  await events.getByText(/and what happens now/).waitFor();

  const sessions = tabs.find((t) => t.page.url().endsWith("/sessions")).page;
  const session = await server.session();
  assert.equal(await sessions.getByRole("cell", { name: account.name, exact: true }).count(), 0);
  await see(sessions, true);
  await sessions.getByRole("cell", { name: account.name, exact: true }).waitFor();
  await session.end();
  for (const tab of tabs) assert.deepEqual(tab.wrong, []);
});
