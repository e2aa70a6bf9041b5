import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
const tell = () => listeners.forEach((l) => l());
addEventListener("popstate", tell);

/** go shows another page without loading it. */
export function go(path: string) {
  history.pushState(null, "", path);
  tell();
}

/** useRoute is the path that is shown, with its query. */
export function useRoute(): URL {
  const href = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => location.href,
  );
  return new URL(href);
}

/** onLink lets a link within the page be followed without loading it. */
export function onLink(e: React.MouseEvent<HTMLAnchorElement>) {
  if (e.metaKey || e.ctrlKey || e.shiftKey || e.button !== 0) return;
  e.preventDefault();
  go(e.currentTarget.getAttribute("href") ?? "/");
}
