import { MessageBar, MessageBarBody } from "@fluentui/react-components";
import type { ApiError } from "../api/client";
import { printable } from "./text";

/** Refused says what the server did not do, and why. */
export function Refused({ error }: { error?: ApiError }) {
  if (!error) return null;
  const { Message, Hint, Allowed } = error.refusal;
  return (
    <MessageBar intent="error" layout="multiline" role="alert">
      <MessageBarBody>
        {printable(Message)}
        {Hint ? `: ${printable(Hint)}` : ""}
        {Allowed && Allowed.length > 0 ? ` (${Allowed.map(printable).join(", ")})` : ""}
      </MessageBarBody>
    </MessageBar>
  );
}
