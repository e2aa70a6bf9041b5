import { Button, Menu, MenuItemRadio, MenuList, MenuPopover, MenuTrigger, MessageBar, MessageBarActions, MessageBarBody, MenuItem, MenuDivider } from "@fluentui/react-components";
import { NavigationRegular, PersonCircleRegular } from "@fluentui/react-icons";
import { useEffect, useRef, useState, type ReactNode } from "react";
import { signOut } from "../api/client";
import type { SignIn, Status } from "../api/types";
import { useGet } from "../api/use";
import { SignInAgain } from "../parts/SignInAgain";
import { printable } from "../parts/text";
import { useMay } from "./context";
import { pages, type Page } from "./pages";
import { onLink } from "./route";
import { chooseLook, looks, useTheme, type Look } from "./theme";

/** Frame is what is around every page: the bar above, the list at the left. */
export function Frame({ page, signedInAgain, children }: { page?: Page; signedInAgain: (who: SignIn) => void; children: ReactNode }) {
  const { look } = useTheme();
  const may = useMay();
  const status = useGet<Status>("status");
  const [open, setOpen] = useState(false);
  const [again, setAgain] = useState(false);
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);

  // Whoever follows a link hears the new page, and tabs on within it.
  useEffect(() => {
    setOpen(false);
    if (!first.current) main.current?.focus();
    first.current = false;
  }, [page]);

  return (
    <div className="frame">
      <a className="skip" href="#main" onClick={(e) => (e.preventDefault(), main.current?.focus())}>
        Skip to the page
      </a>
      <header className="top">
        <button type="button" className="top-button burger" aria-label="Pages" aria-expanded={open} aria-controls="pages" onClick={() => setOpen(!open)}>
          <NavigationRegular fontSize={20} />
        </button>
        <span className="product">Signet</span>
        <span className="host">{location.host}</span>
        <Menu checkedValues={{ look: [look] }} onCheckedValueChange={(_, d) => chooseLook(d.checkedItems[0] as Look)}>
          <MenuTrigger disableButtonEnhancement>
            <button type="button" className="top-button" aria-label={`${may.who?.Account ?? ""}, sign out and appearance`}>
              <PersonCircleRegular fontSize={20} />
              <span className="who">
                {printable(may.who?.Account ?? "")} ({may.who?.Role})
              </span>
            </button>
          </MenuTrigger>
          <MenuPopover>
            <MenuList>
              {looks.map((l) => (
                <MenuItemRadio key={l} name="look" value={l}>
                  {l}
                </MenuItemRadio>
              ))}
              <MenuDivider />
              <MenuItem onClick={() => setAgain(true)}>Sign in again</MenuItem>
              <MenuItem onClick={() => void signOut().catch(() => undefined)}>Sign out</MenuItem>
            </MenuList>
          </MenuPopover>
        </Menu>
      </header>
      <nav id="pages" className={open ? "list open" : "list"} aria-label="Pages">
        {(["", "Settings", "Activity"] as const).map((group) => (
          <div key={group}>
            {group && <h2 id={"group-" + group}>{group}</h2>}
            <ul aria-labelledby={group ? "group-" + group : undefined}>
              {pages
                .filter((p) => p.group === group)
                .map((p) => (
                  <li key={p.path}>
                    <a href={p.path} onClick={onLink} aria-current={p === page ? "page" : undefined}>
                      <p.icon fontSize={20} aria-hidden />
                      {p.title}
                    </a>
                  </li>
                ))}
            </ul>
          </div>
        ))}
        <p className="version">{status.data ? printable(status.data.Version) : ""}</p>
      </nav>
      <main id="main" ref={main} tabIndex={-1}>
        {may.why && page && (
          <MessageBar layout="multiline">
            <MessageBarBody>{may.why}</MessageBarBody>
            <MessageBarActions>
              <Button size="small" onClick={() => setAgain(true)}>
                Sign in again
              </Button>
            </MessageBarActions>
          </MessageBar>
        )}
        {children}
      </main>
      {again && (
        <SignInAgain
          close={(who) => {
            setAgain(false);
            if (who) signedInAgain(who);
          }}
        />
      )}
    </div>
  );
}
