// What is done with the other pages: sessions, history, rules, shares, users, the log.
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { account, browser, missing, open, shot, Signet } from "./harness.mjs";

let server, chrome, page, wrong;
before(async () => {
  assert.equal(missing(), "");
  server = await Signet.start();
  chrome = await browser();
  ({ page, wrong } = await open(chrome.context, await server.link()));
  await page.getByRole("heading", { name: "Overview", level: 1 }).waitFor();
});
after(async () => {
  await chrome?.close();
  await server?.stop();
});

const value = async (name) => /: (.*)/.exec(await server.signet("config", "get", "server", name))[1].trim();

test("the list of sessions changes as sessions come and go", async () => {
  await page.goto(server.url + "/sessions");
  await page.getByText("Nobody is signed in.").waitFor();
  const session = await server.session();
  await page.getByRole("cell", { name: account.name, exact: true }).waitFor();
  await page.getByRole("button", { name: "Close the session of ann" }).click();
  await shot(page, "close-session");
  await page.getByRole("alertdialog").getByRole("button", { name: "Close the session" }).click();
  await page.getByText("Nobody is signed in.").waitFor();
  session.child.kill();
});

test("history rolls back", async () => {
  await server.set("server", "RequireSecuritySignature=False");
  await server.set("server", "OptionalNames=files", "RequireSecuritySignature=True");
  await page.goto(server.url + "/history");
  await page.getByRole("button", { name: "Roll back to revision 1", exact: true }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByText("server.OptionalNames").waitFor();
  await shot(page, "roll-back");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("as it was");
  await dialog.getByRole("button", { name: "Roll back" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByRole("cell", { name: "Rollback", exact: true }).waitFor();
  assert.equal(await value("RequireSecuritySignature"), "False");
  assert.equal(await value("OptionalNames"), "");
});

test("an exception is added and removed", async () => {
  await page.goto(server.url + "/settings/rules?new=exception&address=127.0.0.1");
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox", { name: /^Name/ }).fill("Scanner");
  await dialog.getByRole("textbox", { name: /Reason/ }).fill("cannot sign");
  await shot(page, "exception");
  await dialog.getByRole("button", { name: "Add the exception" }).click();
  await page.getByRole("cell", { name: "Scanner", exact: true }).waitFor();
  assert.match(await server.signet("rule", "list"), /Scanner/);
  await page.getByRole("button", { name: "Remove Scanner" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove the rule" }).click();
  await page.getByText("There are no rules").waitFor();
});

test("a share and a user are added, used and removed", async () => {
  const folder = path.join(server.dir, "more");
  mkdirSync(folder);
  chmodSync(folder, 0o777);
  const bob = { user: "bob%swift granite 12 otter", share: "more" };
  await page.goto(server.url + "/users");
  await page.getByRole("button", { name: "New user" }).click();
  let dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("bob");
  await dialog.getByLabel("Password").fill("swift granite 12 otter");
  await dialog.getByRole("button", { name: "Add the account" }).click();
  await page.getByRole("cell", { name: "bob", exact: true }).waitFor();
  await page.goto(server.url + "/shares");
  await page.getByRole("button", { name: "New share" }).click();
  dialog = page.getByRole("alertdialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("more");
  await dialog.getByRole("textbox", { name: "Folder" }).fill("relative");
  await dialog.getByRole("button", { name: "Add the share" }).click();
  await dialog.getByRole("alert").waitFor();
  await dialog.getByRole("textbox", { name: "Folder" }).fill(folder);
  if (process.getuid() === 0) await dialog.getByRole("textbox", { name: "Used as system user" }).fill("nobody");
  await dialog.getByRole("button", { name: "Add the share" }).click();
  await page.getByRole("cell", { name: "more", exact: true }).waitFor();
  const listed = await server.smbclient("ls", bob);
  assert.ok(listed.ok, listed.text);
  await page.getByRole("button", { name: "Change more" }).click();
  await dialog.getByRole("textbox", { name: "Description" }).fill("What is left over");
  await dialog.getByRole("spinbutton", { name: "Most users at a time" }).fill("1");
  await dialog.getByRole("combobox", { name: "Clients may cache" }).selectOption("None");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("cell", { name: "What is left over" }).waitFor();
  assert.match((await server.smbclient("", { ...bob, options: ["-L", "127.0.0.1"] })).text, /more\s+Disk\s+What is left over/);
  const more = JSON.parse(await server.signet("--json", "share", "list")).Shares.find((s) => s.Name === "more");
  assert.deepEqual([more.ConcurrentUserLimit, more.LeasingMode], [1, "None"]);
  await page.getByRole("button", { name: "Access to more" }).click();
  await dialog.getByRole("textbox", { name: "Account" }).fill(account.name);
  await dialog.getByRole("button", { name: "Grant" }).click();
  await page.getByRole("cell", { name: "Change: ann" }).waitFor();
  assert.match((await server.smbclient("ls", bob)).text, /ACCESS_DENIED/);
  await page.getByRole("button", { name: "Remove more" }).click();
  await dialog.getByRole("button", { name: "Remove the share" }).click();
  await page.getByRole("cell", { name: "more", exact: true }).waitFor({ state: "detached" });
  assert.match((await server.smbclient("ls", bob)).text, /BAD_NETWORK_NAME/);
  await page.goto(server.url + "/users");
  await page.getByRole("button", { name: "Remove: bob" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove the account" }).click();
  await page.getByRole("cell", { name: "bob", exact: true }).waitFor({ state: "detached" });
});

test("the log is verified and taken along, and shows what happens", async () => {
  await page.goto(server.url + "/settings/log");
  await page.getByRole("button", { name: "Verify the log" }).click();
  await page.getByText(/internally consistent, not anchored/).waitFor();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Configuration as CSV" }).click()]);
  assert.match(readFileSync(await download.path(), "utf8"), /"server","RequireSecuritySignature","(True|False)","(Store|Profile)"/);
  await page.goto(server.url + "/events");
  await page.getByText(/and what happens now/).waitFor();
  await server.smbclient("ls", { user: "mallory%guess" });
  await page.getByRole("cell", { name: "mallory", exact: true }).waitFor();
});

test("nothing on the way was refused by the policy, or loaded from elsewhere", () => {
  assert.deepEqual(wrong, []);
});
