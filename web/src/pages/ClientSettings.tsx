import { useMemo } from "react";
import type { PropertyList } from "../api/types";
import { useGet } from "../api/use";
import { Choice, Line, OnOff, onOff, Order, Pick, Setting, type Words } from "../parts/Fields";
import { SettingsPage } from "../parts/Save";
import { useDraft } from "../parts/settings";

const signing: Words = [
  { value: "True", label: "Required" },
  { value: "False", label: "Not required" },
];
const encryption: Words = [
  { value: "True", label: "Required" },
  { value: "False", label: "Not required" },
];
const ntlm: Words = [
  { value: "False", label: "Allowed" },
  { value: "True", label: "Kerberos only" },
];
const dialects: Words = ["None", "SMB202", "SMB210", "SMB300", "SMB302", "SMB311"].map((value) => ({ value, label: value === "None" ? "No bound" : "SMB " + value.slice(3).split("").join(".") }));
const shown = ["RequireSecuritySignature", "RequireEncryption", "EncryptionCiphers", "Smb2DialectMin", "Smb2DialectMax", "EnableInsecureGuestLogons", "BlockNTLM", "BlockNTLMServerExceptionList", "AuditServerDoesNotSupportSigning", "AuditServerDoesNotSupportEncryption", "AuditInsecureGuestLogon"].map((n) => "client." + n);

/** ClientSettings is what this host's own client demands of servers. */
export default function ClientSettings() {
  const all = useGet<PropertyList>("config");
  const others = useMemo(() => (all.data?.Properties ?? []).filter((p) => p.Side === "client" && p.State === "Works" && !shown.includes("client." + p.Name)), [all.data]);
  const s = useDraft(shown);
  return (
    <SettingsPage title="SMB client" intro="What the commands of this host demand of the servers that they connect to: signet ls, get, put and the others. A user's own settings may only tighten this." settings={s}>
      <Setting title="SMB signing" names={["client.RequireSecuritySignature"]} words={signing} help="A server that does not sign is not used, and a reply without a valid signature not believed.">
        <Choice name="client.RequireSecuritySignature" label="SMB signing of the client" words={signing} />
      </Setting>
      <Setting title="SMB encryption" names={["client.RequireEncryption", "client.EncryptionCiphers"]} words={undefined} help="Required: a server that cannot encrypt is not used.">
        <Choice name="client.RequireEncryption" label="SMB encryption of the client" words={encryption} />
        <Order name="client.EncryptionCiphers" label="Cipher order" all={["AES_128_GCM", "AES_128_CCM", "AES_256_GCM", "AES_256_CCM"]} />
      </Setting>
      <Setting title="Dialects" names={["client.Smb2DialectMin", "client.Smb2DialectMax"]} words={dialects} help="Servers that speak none of these are not used.">
        <div className="side-by-side">
          <Pick name="client.Smb2DialectMin" label="Lowest" words={dialects} />
          <Pick name="client.Smb2DialectMax" label="Highest" words={dialects} />
        </div>
      </Setting>
      <Setting title="Insecure guest sign-ins" names={["client.EnableInsecureGuestLogons"]} words={onOff} help="A guest's session is neither signed nor encrypted: whoever is in the path can alter what is read. While signing is required, they are refused even if this is on.">
        <OnOff name="client.EnableInsecureGuestLogons" label="Let a server take us for a guest" />
      </Setting>
      <Setting title="NTLM" names={["client.BlockNTLM", "client.BlockNTLMServerExceptionList"]} words={ntlm} help="A server that is given an NTLM sign-in can relay it to others.">
        <Choice name="client.BlockNTLM" label="NTLM of the client" words={ntlm} />
        <Line name="client.BlockNTLMServerExceptionList" label="Servers to which that does not apply" hint="Names with commas between them" />
      </Setting>
      <Setting title="Audit" names={["client.AuditServerDoesNotSupportSigning", "client.AuditServerDoesNotSupportEncryption", "client.AuditInsecureGuestLogon"]} words={onOff} help="What is noted of servers besides failures.">
        <div className="switches">
          <OnOff name="client.AuditServerDoesNotSupportSigning" label="Servers that cannot sign" />
          <OnOff name="client.AuditServerDoesNotSupportEncryption" label="Servers that cannot encrypt" />
          <OnOff name="client.AuditInsecureGuestLogon" label="Guest sign-ins" />
        </div>
      </Setting>
      {others.length > 0 && (
        <Setting title="Connections" names={others.map((p) => "client." + p.Name)} help="Limits and times of the client's connections.">
          {others.map((p) => (p.Value === "True" || p.Value === "False" ? <OnOff key={p.Name} name={"client." + p.Name} label={p.Name} /> : <Line key={p.Name} name={"client." + p.Name} label={p.Name} />))}
        </Setting>
      )}
    </SettingsPage>
  );
}
