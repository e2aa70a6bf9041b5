import {
  AppsListRegular,
  ArrowSwapRegular,
  BookOpenRegular,
  DesktopRegular,
  DocumentRegular,
  FolderRegular,
  HistoryRegular,
  HomeRegular,
  PeopleRegular,
  PersonKeyRegular,
  PlugConnectedRegular,
  ServerRegular,
  ShieldTaskRegular,
  type FluentIcon,
} from "@fluentui/react-icons";
import { lazy, type ComponentType } from "react";
import { FileShares } from "../pages/FileShares";

/** A page and where it is in the list at the left. */
export interface Page {
  path: string;
  title: string;
  group: "" | "Settings" | "Activity";
  icon: FluentIcon;
  show: ComponentType;
}

const Overview = lazy(() => import("../pages/Overview"));
const Servers = lazy(() => import("../pages/Servers"));
const ClientSettings = lazy(() => import("../pages/ClientSettings"));
const Rules = lazy(() => import("../pages/Rules"));
const Administrators = lazy(() => import("../pages/Administrators"));
const LogSettings = lazy(() => import("../pages/LogSettings"));
const Shares = lazy(() => import("../pages/Shares"));
const Users = lazy(() => import("../pages/Users"));
const Sessions = lazy(() => import("../pages/Sessions"));
const OpenFiles = lazy(() => import("../pages/OpenFiles"));
const Events = lazy(() => import("../pages/Events"));
const History = lazy(() => import("../pages/History"));

/** pages is the table of routes, in the order of the list. */
export const pages: Page[] = [
  { path: "/", title: "Overview", group: "", icon: HomeRegular, show: Overview },
  { path: "/servers", title: "Servers", group: "", icon: ServerRegular, show: Servers },
  { path: "/settings/file-shares", title: "File shares (SMB server)", group: "Settings", icon: ShieldTaskRegular, show: FileShares },
  { path: "/settings/smb-client", title: "SMB client", group: "Settings", icon: DesktopRegular, show: ClientSettings },
  { path: "/settings/rules", title: "Rules and exceptions", group: "Settings", icon: ArrowSwapRegular, show: Rules },
  { path: "/settings/administrators", title: "Administrators", group: "Settings", icon: PersonKeyRegular, show: Administrators },
  { path: "/settings/log", title: "Log and export", group: "Settings", icon: BookOpenRegular, show: LogSettings },
  { path: "/shares", title: "Shares", group: "Activity", icon: FolderRegular, show: Shares },
  { path: "/users", title: "Users", group: "Activity", icon: PeopleRegular, show: Users },
  { path: "/sessions", title: "Sessions", group: "Activity", icon: PlugConnectedRegular, show: Sessions },
  { path: "/open-files", title: "Open files", group: "Activity", icon: DocumentRegular, show: OpenFiles },
  { path: "/events", title: "Events", group: "Activity", icon: AppsListRegular, show: Events },
  { path: "/history", title: "History", group: "Activity", icon: HistoryRegular, show: History },
];

export const pageAt = (path: string) => pages.find((p) => p.path === path);
