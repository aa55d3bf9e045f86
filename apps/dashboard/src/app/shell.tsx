import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { BookOpen, LogOut, Menu as MenuIcon, Monitor, Moon, Search, Sun } from 'lucide-react';
import { Suspense, useEffect, useState } from 'react';
import { Button } from '../components/ui/button.tsx';
import { lazyComponent } from '../lib/load-code.ts';
import { sessionQuery } from '../lib/session.ts';
import { setTheme, useTheme, type Theme } from '../lib/theme.ts';
import { AwayBanner } from './away-banner.tsx';
import { FlowBanner } from './flow-banner.tsx';
import { logOut } from './log-out.ts';
import { navigation } from './navigation.ts';

const CommandPalette = lazyComponent(
  async () => (await import('./command-palette.tsx')).CommandPalette,
);

const SendTestDialog = lazyComponent(
  async () => (await import('./send-test-dialog.tsx')).SendTestDialog,
);

const MobileMenu = lazyComponent(async () => (await import('./mobile-menu.tsx')).MobileMenu);

export function Shell() {
  const [isSearching, setSearching] = useState(false);
  const [isSending, setSending] = useState(false);
  useCommandKey(setSearching);
  return (
    <div className="min-h-full lg:grid lg:grid-cols-[15rem_1fr]">
      <a
        href="#main"
        className="sr-only z-50 bg-surface p-3 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        Skip to the page
      </a>
      <aside className="sticky top-0 hidden h-dvh flex-col border-r bg-surface lg:flex">
        <SideBar onSearch={() => setSearching(true)} />
      </aside>
      <MobileBar onSearch={() => setSearching(true)} />
      <main id="main" className="mx-auto w-full max-w-6xl min-w-0 px-4 py-6 sm:px-8 lg:py-8">
        <AwayBanner />
        <FlowBanner />
        <Outlet />
      </main>
      {isSearching && (
        <Suspense>
          <CommandPalette onClose={() => setSearching(false)} onSendTest={() => setSending(true)} />
        </Suspense>
      )}
      {isSending && (
        <Suspense>
          <SendTestDialog onClose={() => setSending(false)} />
        </Suspense>
      )}
    </div>
  );
}

const COMMAND_KEY = /^(Mac|iP)/.test(navigator.platform) ? '⌘ K' : 'Ctrl K';

function useCommandKey(setSearching: (update: (isOpen: boolean) => boolean) => void) {
  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return;
      event.preventDefault();
      setSearching((isOpen) => !isOpen);
    };
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, [setSearching]);
}

type BarProps = { readonly onSearch: () => void; readonly onNavigate?: () => void };

function SideBar({ onSearch, onNavigate }: BarProps) {
  return (
    <>
      <div className="px-4 py-4">
        <Brand />
        <Button className="mt-4 w-full justify-start text-muted" size="small" onClick={onSearch}>
          <Search aria-hidden /> Go to…
          <kbd className="ml-auto rounded border px-1 text-[11px]">{COMMAND_KEY}</kbd>
        </Button>
      </div>
      <nav aria-label="Pages" className="flex-1 overflow-y-auto px-3">
        {navigation.map(({ path, label, icon: Icon }) => (
          <Link
            key={path}
            to={path}
            activeOptions={{ exact: path === '/' }}
            onClick={() => onNavigate?.()}
            className="mb-0.5 flex items-center gap-2.5 rounded-lg px-2.5 py-2 font-medium text-muted hover:bg-sunken hover:text-text data-[status=active]:bg-sunken data-[status=active]:text-text"
          >
            <Icon className="size-4" aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <AccountBar />
    </>
  );
}

function AccountBar() {
  const { data } = useQuery(sessionQuery);
  return (
    <div className="space-y-2 border-t p-3">
      <a
        href="/docs"
        className="flex items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-muted hover:text-text"
      >
        <BookOpen className="size-4" aria-hidden /> Guides and API
      </a>
      <div className="flex items-center gap-1 px-2.5">
        <span className="min-w-0 flex-1 truncate text-[13px]" title={data?.account.email}>
          {data?.account.name}
        </span>
        <ThemeButton />
        <Button variant="ghost" size="icon" aria-label="Log out" onClick={() => void logOut()}>
          <LogOut />
        </Button>
      </div>
    </div>
  );
}

const NEXT_THEME: Readonly<Record<Theme, Theme>> = {
  system: 'light',
  light: 'dark',
  dark: 'system',
};
const THEME_ICONS = { system: Monitor, light: Sun, dark: Moon };

function ThemeButton() {
  const theme = useTheme();
  const Icon = THEME_ICONS[theme];
  return (
    <Button
      variant="ghost"
      size="icon"
      aria-label={`Colours: ${theme}. Change to ${NEXT_THEME[theme]}`}
      title={`Colours: ${theme}`}
      onClick={() => setTheme(NEXT_THEME[theme])}
    >
      <Icon />
    </Button>
  );
}

function MobileBar({ onSearch }: BarProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <header className="sticky top-0 z-30 flex items-center justify-between border-b bg-surface px-4 py-2 lg:hidden">
      <Brand />
      <div className="flex">
        <Button variant="ghost" size="icon" aria-label="Go to…" onClick={onSearch}>
          <Search />
        </Button>
        <Button
          variant="ghost"
          size="icon"
          aria-label="Menu"
          aria-haspopup="dialog"
          aria-expanded={isOpen}
          onClick={() => setOpen(true)}
        >
          <MenuIcon />
        </Button>
        {isOpen && (
          <Suspense>
            <MobileMenu onClose={() => setOpen(false)}>
              <SideBar onSearch={onSearch} onNavigate={() => setOpen(false)} />
            </MobileMenu>
          </Suspense>
        )}
      </div>
    </header>
  );
}

function Brand() {
  return (
    <Link to="/" className="flex items-center gap-2 text-[15px] font-semibold">
      <img src="/favicon.svg" alt="" className="size-6" /> CourierX
    </Link>
  );
}
