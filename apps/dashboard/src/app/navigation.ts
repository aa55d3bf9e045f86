import {
  Activity,
  Ban,
  Globe,
  Inbox,
  KeyRound,
  LayoutDashboard,
  Mail,
  Plug,
  Route,
  Settings,
  Webhook,
  type LucideIcon,
} from 'lucide-react';
import { pages } from './pages.ts';

type Item = { readonly path: string; readonly label: string; readonly icon: LucideIcon };

const ITEMS: readonly Item[] = [
  { path: '/', label: 'Overview', icon: LayoutDashboard },
  { path: '/emails', label: 'Emails', icon: Mail },
  { path: '/connections', label: 'Connections', icon: Plug },
  { path: '/routing', label: 'Routing', icon: Route },
  { path: '/domains', label: 'Domains', icon: Globe },
  { path: '/suppressions', label: 'Suppressions', icon: Ban },
  { path: '/webhooks', label: 'Webhooks', icon: Webhook },
  { path: '/api-keys', label: 'API keys', icon: KeyRound },
  { path: '/analytics', label: 'Analytics', icon: Activity },
  { path: '/sandbox', label: 'Sandbox inbox', icon: Inbox },
  { path: '/settings', label: 'Settings', icon: Settings },
];

/** The pages one goes to from everywhere, in order; those there are. */
export const navigation = ITEMS.filter(({ path }) => pages.some((page) => page.path === path));
