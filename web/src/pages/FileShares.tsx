import { Button, MessageBar, MessageBarActions, MessageBarBody } from "@fluentui/react-components";
import type { Status } from "../api/types";
import { useGet } from "../api/use";
import { Amount, Choice, Line, OnOff, onOff, Order, Pick, Setting, Tick, type Words } from "../parts/Fields";
import { SettingsPage } from "../parts/Save";
import { useDraft } from "../parts/settings";
import { onLink } from "../shell/route";

const signing: Words = [
  { value: "True", label: "Required" },
  { value: "False", label: "Not required" },
];
const encryption: Words = [
  { value: "False", label: "Off" },
  { value: "True", label: "Required for all shares" },
];
const ntlm: Words = [
  { value: "False", label: "Allowed" },
  { value: "True", label: "Kerberos only" },
];
const nameCheck: Words = [
  { value: "0", label: "Do not check", help: "A sign-in counts whatever server name the client meant." },
  { value: "1", label: "Check if the client names one", help: "A sign-in that names another server is refused; one that names none is taken." },
  { value: "2", label: "Always check", help: "A sign-in has to name this server. Older clients, and addresses in the place of names, are refused." },
];
const dialects: Words = ["None", "SMB202", "SMB210", "SMB300", "SMB302", "SMB311"].map((value) => ({ value, label: value === "None" ? "No bound" : `SMB ${value.slice(3).split("").join(".").replace(/^2\.0\.2$/, "2.0.2")}` }));
const ciphers = ["AES_128_GCM", "AES_128_CCM", "AES_256_GCM", "AES_256_CCM"];
const audits = [
  { name: "server.AuditClientDoesNotSupportSigning", label: "Clients that cannot sign" },
  { name: "server.AuditClientDoesNotSupportEncryption", label: "Clients that cannot encrypt" },
  { name: "server.AuditInsecureGuestLogon", label: "Guest sign-ins" },
  { name: "server.AuditSmb1Access", label: "Tries to use SMB1" },
  { name: "server.AuditClientSpnSupport", label: "Sign-ins that name no server, or another" },
];

const names = [
  "server.RequireSecuritySignature",
  "server.EncryptData",
  "server.RejectUnencryptedAccess",
  "server.EncryptionCiphers",
  "server.Smb2DialectMin",
  "server.Smb2DialectMax",
  "server.EnableGuestAccess",
  "server.BlockNTLM",
  "server.EnableAuthRateLimiter",
  "server.InvalidAuthenticationDelayTimeInMs",
  "server.SmbServerNameHardeningLevel",
  "server.EnableStrictNameChecking",
  "server.OptionalNames",
  ...audits.map((a) => a.name),
];

/** FileShares is what the SMB server demands of its clients. */
export function FileShares() {
  const s = useDraft(names);
  const status = useGet<Status>("status");
  const sessions = status.data?.Sessions.length ?? 0;
  const unsigned = status.data?.UnsignedSessions ?? 0;
  const signingOff = s.changes["server.RequireSecuritySignature"] === "False";
  return (
    <SettingsPage title="File shares (SMB server)" intro="What this server demands of every client. Exceptions for one device, account or share are made under Rules and exceptions." settings={s}>
      <Setting title="SMB signing" names={["server.RequireSecuritySignature"]} words={signing} events="/events?search=signature" help="Every message of a signed-in user is signed or encrypted; a request without a valid signature is refused." more={status.data && (
        <>
          {sessions} {sessions === 1 ? "session is" : "sessions are"} open, <strong>{unsigned} unsigned</strong>.
        </>
      )}>
        <Choice name="server.RequireSecuritySignature" label="SMB signing" words={signing} />
        {signingOff && (
          <MessageBar intent="warning" layout="multiline" role="alert">
            <MessageBarBody>
              Not recommended. Files can be altered on the way and sign-ins relayed to other servers. If one device cannot sign,{" "}
              <a href="/settings/rules?new=exception" onClick={onLink}>
                add an exception with an end date
              </a>{" "}
              and keep the rest signed.
            </MessageBarBody>
            <MessageBarActions>
              <Button size="small" onClick={() => s.discard(["server.RequireSecuritySignature"])}>
                Keep Required
              </Button>
            </MessageBarActions>
          </MessageBar>
        )}
      </Setting>
      <Setting title="SMB encryption" names={["server.EncryptData", "server.RejectUnencryptedAccess"]} words={undefined} events="/events?search=encrypt" help="Files cannot be read on the way. Encryption signs, too. It is offered to every client; here it can be required.">
        <Choice name="server.EncryptData" label="SMB encryption" words={encryption} />
        <Tick name="server.RejectUnencryptedAccess" label="Refuse clients that cannot encrypt" />
      </Setting>
      <Setting title="Cipher order" names={["server.EncryptionCiphers"]} help="The first that the client has, too, is used.">
        <Order name="server.EncryptionCiphers" label="Cipher order" all={ciphers} />
      </Setting>
      <Setting title="Dialects" names={["server.Smb2DialectMin", "server.Smb2DialectMax"]} words={dialects} events="/events?search=Negotiate" help="Clients that speak none of these are refused. SMB 3.1.1 alone makes sure that a tampered negotiation is noticed.">
        <div className="side-by-side">
          <Pick name="server.Smb2DialectMin" label="Lowest" words={dialects} />
          <Pick name="server.Smb2DialectMax" label="Highest" words={dialects} />
        </div>
      </Setting>
      <Setting
        title="Guest access"
        names={["server.EnableGuestAccess"]}
        words={onOff}
        events="/events?search=Guest"
        help={
          <>
            A guest has no password, so there is no key to sign with. While signing or encryption is required, guests stay out <strong>even if this is on</strong>. Letting guests in needs both: SMB signing <em>Not required</em> and Guest access <em>On</em>. Windows 11 24H2 Pro, Enterprise and
            Education still refuse guests on their own side.
          </>
        }
      >
        <OnOff name="server.EnableGuestAccess" label="Guest access" />
      </Setting>
      <Setting title="NTLM" names={["server.BlockNTLM"]} words={ntlm} events="/events?search=Authentication" help="Kerberos proves to the client which server it talks to, and cannot be relayed.">
        <Choice name="server.BlockNTLM" label="NTLM" words={ntlm} />
      </Setting>
      <Setting title="Authentication rate limiter" names={["server.EnableAuthRateLimiter", "server.InvalidAuthenticationDelayTimeInMs"]} events="/events?search=AuthenticationFailed" help="Each wrong password costs who guesses this time. Right ones are never delayed.">
        <OnOff name="server.EnableAuthRateLimiter" label="Delay wrong passwords" />
        <Amount name="server.InvalidAuthenticationDelayTimeInMs" label="Delay in milliseconds" min={0} max={10000} step={100} />
      </Setting>
      <Setting title="Server name check" names={["server.SmbServerNameHardeningLevel"]} words={nameCheck} events="/events?search=SPN" help="A sign-in that was meant for another server may have been relayed here.">
        <Pick name="server.SmbServerNameHardeningLevel" label="Server name in sign-ins" words={nameCheck} />
      </Setting>
      <Setting title="Alternate names" names={["server.OptionalNames", "server.EnableStrictNameChecking"]} help="Names that clients use for this server besides the machine's own, with commas between them.">
        <Line name="server.OptionalNames" label="Names" />
        <OnOff name="server.EnableStrictNameChecking" label="Refuse connections by any other name" />
      </Setting>
      <Setting title="Audit" names={audits.map((a) => a.name)} words={onOff} events="/events?search=Audit" help="What is written to the log of events besides refusals, which always are.">
        <div className="switches">
          {audits.map((a) => (
            <OnOff key={a.name} name={a.name} label={a.label} />
          ))}
        </div>
      </Setting>
      <section className="setting" aria-labelledby="smb1">
        <h2 id="smb1">SMB1</h2>
        <p>
          <strong>Not spoken.</strong> A client that asks for SMB1 and SMB2 is led up to SMB2; one that knows SMB1 alone is refused.
        </p>
      </section>
    </SettingsPage>
  );
}
