import { useNavigate } from '@tanstack/react-router';
import {
  AtSign,
  Ban,
  BookOpen,
  Globe,
  KeyRound,
  LogOut,
  Mail,
  Monitor,
  Moon,
  Plug,
  Route,
  Search,
  Send,
  Sun,
  Webhook,
  type LucideIcon,
} from 'lucide-react';
import { NEW_FORM } from '../lib/use-new-form.ts';
import { setTheme } from '../lib/theme.ts';
import { logOut } from './log-out.ts';
import { navigation } from './navigation.ts';

export type Action = {
  readonly label: string;
  readonly icon: LucideIcon;
  /** Other words it is found by. */
  readonly keywords?: readonly string[];
  readonly run: () => void;
};

export type ActionGroup = { readonly heading: string; readonly actions: readonly Action[] };

/** All there is to do from anywhere. */
export function useActions(given: { readonly onSendTest: () => void }): readonly ActionGroup[] {
  const navigate = useNavigate();
  const goTo = (to: string) => () => void navigate({ to });
  const openForm = (to: string) => () => void navigate({ to, hash: NEW_FORM });
  return [
    {
      heading: 'Pages',
      actions: [
        ...navigation.map(({ path, label, icon }) => ({ label, icon, run: goTo(path) })),
        { label: 'Guides and API', icon: BookOpen, run: () => location.assign('/docs') },
      ],
    },
    {
      heading: 'Actions',
      actions: [
        { label: 'Send a test mail', icon: Send, keywords: ['try'], run: given.onSendTest },
        {
          ...{ label: 'Connect a provider', icon: Plug, keywords: ['add connection'] },
          run: openForm('/connections'),
        },
        {
          ...{ label: 'Make a key', icon: KeyRound, keywords: ['api token'] },
          run: openForm('/api-keys'),
        },
        { label: 'Make a rule', icon: Route, keywords: ['routing'], run: openForm('/routing') },
        { label: 'Add a domain', icon: Globe, keywords: ['dns'], run: openForm('/domains') },
        {
          ...{ label: 'Add an endpoint', icon: Webhook, keywords: ['webhook'] },
          run: openForm('/webhooks'),
        },
        {
          ...{ label: 'Suppress an address', icon: Ban, keywords: ['block'] },
          run: openForm('/suppressions'),
        },
        { label: 'Log out', icon: LogOut, keywords: ['sign out'], run: () => void logOut() },
      ],
    },
    {
      heading: 'Colours',
      actions: [
        { label: 'Light', icon: Sun, keywords: ['theme'], run: () => setTheme('light') },
        { label: 'Dark', icon: Moon, keywords: ['theme'], run: () => setTheme('dark') },
        {
          label: 'As the system',
          icon: Monitor,
          keywords: ['theme'],
          run: () => setTheme('system'),
        },
      ],
    },
  ];
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What is found by what was typed itself: a mail by its id, mails by their recipient. */
export function useJumps(typed: string): readonly Action[] {
  const navigate = useNavigate();
  const text = typed.trim();
  if (ID.test(text)) {
    const params = { emailId: text.toLowerCase() };
    const run = () => void navigate({ to: '/emails/$emailId', params });
    return [{ label: `Open the mail ${text}`, icon: Mail, run }];
  }
  if (!text.includes('@') || text.length < 3) return [];
  const run = () => void navigate({ to: '/emails', search: { recipient: text } });
  const suppress = () => void navigate({ to: '/suppressions', search: { email: text } });
  return [
    { label: `Mails to ${text}`, icon: AtSign, run },
    { label: `Is ${text} suppressed?`, icon: Search, run: suppress },
  ];
}
