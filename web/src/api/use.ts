import { useCallback, useEffect, useState } from "react";
import { ApiError, get } from "./client";

/** What was asked for, why it did not come, and a way to ask again. */
export interface Loaded<T> {
  data?: T;
  error?: ApiError;
  reload: () => void;
}

/** useGet asks for a path, and again when asked to. */
export function useGet<T>(path: string): Loaded<T> {
  const [state, set] = useState<{ path: string; data?: T; error?: ApiError }>({ path });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    let current = true;
    get<T>(path).then(
      (data) => current && set({ path, data }),
      (error: ApiError) => current && set((was) => ({ path, data: was.path === path ? was.data : undefined, error })),
    );
    return () => {
      current = false;
    };
  }, [path, turn]);
  const reload = useCallback(() => setTurn((n) => n + 1), []);
  return state.path === path ? { ...state, reload } : { reload };
}

/**
 * useStream hands each message of a stream of server-sent events to take. It
 * begins anew after a break, and then calls again, for what was missed meanwhile.
 *
 * A tab that is not seen has no stream: over HTTP/1.1 a browser has six
 * connections to a host, each stream holds one of them for as long as it lasts,
 * and a page that finds them all taken does not load.
 */
export function useStream(path: string, take: (data: string) => void, again?: () => void): boolean {
  const [live, setLive] = useState(false);
  useEffect(() => {
    let stream: EventSource | undefined;
    let begun = false;
    const begin = () => {
      stream = new EventSource("/api/v1/" + path);
      stream.onopen = () => {
        setLive(true);
        if (begun) again?.();
        begun = true;
      };
      stream.onerror = () => setLive(false);
      stream.onmessage = (message: MessageEvent<string>) => take(message.data);
    };
    const end = () => {
      stream?.close();
      stream = undefined;
    };
    const seen = () => {
      if (document.hidden) {
        end();
        setLive(false);
      } else if (!stream) begin();
    };
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      end();
    };
  }, [path, take, again]);
  return live;
}
