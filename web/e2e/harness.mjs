// A real server, real clients and a real browser, for the tests of the page.
import { execFile, execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const run = promisify(execFile);
const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const asRoot = process.getuid?.() === 0;

/** shots is where screenshots are kept. */
export const shots = path.join(here, "shots");
mkdirSync(shots, { recursive: true });

/** generous is the time in ms after which something that is waited for has failed. */
export const generous = 30_000;

const browserPath = process.env.SIGNET_BROWSER ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((p) => existsSync(p));

/** missing says what keeps these tests from running; "" if nothing does. */
export function missing() {
  if (!browserPath) return "no chromium: apt-get install chromium, or SIGNET_BROWSER=PATH";
  try {
    execFileSync("smbclient", ["--version"]);
  } catch {
    return "no smbclient: apt-get install smbclient";
  }
  return "";
}

/** freePort is a port that nobody listens on. */
async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** The account that the server is begun with. */
export const account = { name: "ann", password: "tulip raven 48 cobalt" };

/** Signet is a server that runs on a state directory of its own. */
export class Signet {
  static #binary;

  /** build makes the program once. */
  static binary() {
    if (process.env.SIGNET_BINARY) return process.env.SIGNET_BINARY;
    if (!Signet.#binary) {
      Signet.#binary = path.join(mkdtempSync(path.join(tmpdir(), "signet-web-")), "signet");
      execFileSync("go", ["build", "-o", Signet.#binary, "./cmd/signet"], { cwd: root, env: { ...process.env, CGO_ENABLED: "0" }, stdio: "inherit" });
    }
    return Signet.#binary;
  }

  /** start serves, with more arguments. */
  static async start(...more) {
    const s = new Signet();
    s.dir = mkdtempSync(path.join(tmpdir(), "signet-web-"));
    s.state = path.join(s.dir, "state");
    s.share = path.join(s.dir, "shared");
    s.passwordFile = path.join(s.dir, "password");
    s.port = await freePort();
    s.adminPort = await freePort();
    s.url = `http://127.0.0.1:${s.adminPort}`;
    chmodSync(s.dir, 0o755);
    mkdirSync(s.share);
    writeFileSync(path.join(s.share, "hello.txt"), "hello\n");
    chmodSync(s.share, 0o777);
    writeFileSync(s.passwordFile, account.password + "\n", { mode: 0o600 });
    const args = ["--state", s.state, "serve", "--user", account.name, "--password-file", s.passwordFile, "--listen", `127.0.0.1:${s.port}`, "--admin", `127.0.0.1:${s.adminPort}`, ...more];
    // A stored share, as it is without names on the command line.
    await s.signet("share", "add", "shared", s.share, ...(asRoot ? ["--run-as", "nobody"] : []));
    s.process = spawn(Signet.binary(), args, { stdio: ["ignore", "pipe", "pipe"] });
    s.log = "";
    for (const out of [s.process.stdout, s.process.stderr]) out.on("data", (d) => (s.log += d));
    s.ended = new Promise((done) => s.process.once("exit", done));
    const deadline = Date.now() + generous;
    // The last line of what it tells once everything is there.
    while (!/^Stop\s/m.test(s.log)) {
      if (s.process.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start: ${s.log}`);
      await new Promise((done) => setTimeout(done, 20));
    }
    return s;
  }

  /** signet runs a command on this server and returns what it prints. */
  async signet(...args) {
    const { stdout } = await run(Signet.binary(), ["--state", this.state, ...args]);
    return stdout;
  }

  /** sessions are those that the server has. */
  async sessions() {
    return JSON.parse(await this.signet("--json", "session", "list")).Sessions;
  }

  /** link is a fresh link that signs in once. */
  async link() {
    const url = /https?:\S+#token=\S+/.exec(await this.signet("admin", "link"));
    return url[0];
  }

  /** smbclient runs one command of smbclient; it returns whether it succeeded, and what was printed. */
  async smbclient(command, { user = `${account.name}%${account.password}`, options = [], share = "shared" } = {}) {
    const args = [`//127.0.0.1/${share}`, "-p", String(this.port), "-t", "20", ...options, ...(user === "guest" ? ["-N"] : ["-U", user]), "-c", command];
    try {
      const { stdout } = await run("smbclient", args, { timeout: generous });
      return { ok: true, text: stdout };
    } catch (e) {
      return { ok: false, text: `${e.stdout ?? ""}${e.stderr ?? ""}` };
    }
  }

  /** session keeps smbclient signed in until its end is called. */
  async session(options = []) {
    const before = (await this.sessions()).length;
    const child = spawn("smbclient", [`//127.0.0.1/shared`, "-p", String(this.port), ...options, "-U", `${account.name}%${account.password}`], { stdio: ["pipe", "pipe", "pipe"] });
    let text = "";
    for (const out of [child.stdout, child.stderr]) out.on("data", (d) => (text += d));
    const gone = new Promise((done) => child.once("exit", done));
        const deadline = Date.now() + generous;
    while ((await this.sessions()).length === before) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`smbclient: ${text}`);
      await new Promise((done) => setTimeout(done, 50));
    }
    return {
      child,
      end: async () => {
        child.stdin.end("quit\n");
        await gone;
      },
    };
  }

  async stop() {
    this.process.kill("SIGTERM");
    const late = setTimeout(() => this.process.kill("SIGKILL"), generous);
    await this.ended;
    clearTimeout(late);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** browser starts a browser with nothing of anybody's in it. */
export async function browser() {
  const profile = mkdtempSync(path.join(tmpdir(), "signet-chromium-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: browserPath,
    headless: true,
    viewport: { width: 1280, height: 900 },
    colorScheme: "light",
    reducedMotion: "reduce",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  context.setDefaultTimeout(generous);
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

/** open is a page that notes what should not happen: errors, refusals by the policy, and requests elsewhere. */
export async function open(context, url) {
  const page = await context.newPage();
  const wrong = [];
  const origin = new URL(url).origin;
  page.on("pageerror", (e) => wrong.push(`error: ${e}`));
  page.on("console", (m) => {
    if (m.type() === "error" && !/status of 4\d\d/.test(m.text())) wrong.push(`console: ${m.text()}`);
  });
  page.on("request", (r) => {
    if (!r.url().startsWith(origin) && !r.url().startsWith("blob:" + origin)) wrong.push(`request elsewhere: ${r.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));
  });
  await page.goto(url);
  return { page, wrong };
}

/** shot keeps a picture of a page. */
export const shot = (page, name) => page.screenshot({ path: path.join(shots, `${name}.png`) });
