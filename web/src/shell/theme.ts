import { teamsHighContrastTheme, webDarkTheme, webLightTheme, type Theme } from "@fluentui/react-components";
import { useEffect, useSyncExternalStore } from "react";

/** What a reader may choose; System is what the system says. */
export type Look = "System" | "Light" | "Dark" | "High contrast";

export const looks: Look[] = ["System", "Light", "Dark", "High contrast"];

const key = "signet-look";
const listeners = new Set<() => void>();
const dark = matchMedia("(prefers-color-scheme: dark)");
const forced = matchMedia("(forced-colors: active)");
for (const query of [dark, forced]) query.addEventListener("change", () => listeners.forEach((l) => l()));

export function chosenLook(): Look {
  const kept = localStorage.getItem(key) as Look | null;
  return kept && looks.includes(kept) ? kept : "System";
}

export function chooseLook(look: Look) {
  localStorage.setItem(key, look);
  listeners.forEach((l) => l());
}

/** useTheme is the theme to show, which changes with the system's. */
export function useTheme(): { look: Look; theme: Theme } {
  const now = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => `${chosenLook()}/${dark.matches}/${forced.matches}`,
  );
  const look = now.split("/")[0] as Look;
  const isContrast = look === "High contrast" || (look === "System" && forced.matches);
  const isDark = look === "Dark" || (look === "System" && dark.matches);
  useEffect(() => {
    document.documentElement.dataset.look = isContrast ? "contrast" : isDark ? "dark" : "light";
  }, [isContrast, isDark]);
  return { look, theme: isContrast ? teamsHighContrastTheme : isDark ? webDarkTheme : webLightTheme };
}
