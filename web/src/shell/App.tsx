import { Button, FluentProvider, Spinner } from "@fluentui/react-components";
import { Suspense, useCallback, useEffect, useState } from "react";
import { get, onSignedOut, tokenOf } from "../api/client";
import type { SignIn as Who } from "../api/types";
import { WhoContext } from "./context";
import { Frame } from "./Frame";
import { pageAt } from "./pages";
import { onLink, useRoute } from "./route";
import { SignIn } from "./SignIn";
import { useTheme } from "./theme";

/** App is the page: a sign-in, or a frame with what the path names in it. */
export function App() {
  const { theme } = useTheme();
  const [who, setWho] = useState<Who | null>();
  const route = useRoute();
  const page = pageAt(route.pathname);

  useEffect(() => {
    onSignedOut(() => setWho(null));
    // A link signs in anew, whoever is signed in.
    if (tokenOf(location.hash)) setWho(null);
    else get<Who>("sign-in").then(setWho, () => setWho(null));
  }, []);
  useEffect(() => {
    document.title = who && page ? `${page.title} - Signet` : "Signet";
  }, [who, page]);
  const done = useCallback((now: Who) => setWho(now), []);

  let shown = <Spinner label="Asking the server" className="waiting" />;
  if (who === null) shown = <SignIn done={done} />;
  else if (who)
    shown = (
      <WhoContext value={who}>
        <Frame page={page} signedInAgain={done}>
          <Suspense fallback={<Spinner label="Loading" />}>
            {page ? (
              <page.show key={route.pathname} />
            ) : (
              <>
                <h1>There is no such page</h1>
                <Button as="a" href="/" onClick={onLink as never}>
                  Overview
                </Button>
              </>
            )}
          </Suspense>
        </Frame>
      </WhoContext>
    );
  return (
    <FluentProvider theme={theme} className="root">
      {shown}
    </FluentProvider>
  );
}
