import { createContext, useContext } from "react";
import { canWrite } from "../api/client";
import type { SignIn } from "../api/types";

/** Who has signed in. */
export const WhoContext = createContext<SignIn | undefined>(undefined);

/** useMay tells what who has signed in may do from this tab. */
export function useMay() {
  const who = useContext(WhoContext);
  const writes = canWrite();
  return {
    who,
    operate: writes && (who?.Role === "operator" || who?.Role === "admin"),
    change: writes && who?.Role === "admin",
    /** why not, in a sentence; "" if everything may be changed */
    why: !writes ? "This tab can only look: sign in here to change anything." : who?.Role !== "admin" ? `Your role is ${who?.Role ?? "none"}: changing needs admin.` : "",
  };
}
