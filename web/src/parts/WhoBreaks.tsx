/** WhoBreaks says whom a change would shut out, from the sessions seen. */
export function WhoBreaks(_: { change: { [name: string]: string } }) {
  return null;
}
