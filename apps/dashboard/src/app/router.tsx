import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ErrorState, Skeleton } from '../components/ui/states.tsx';
import { ApiError } from '../lib/api-client.ts';
import { loadCode } from '../lib/load-code.ts';
import { onSessionEnd, queryClient } from '../lib/query-client.ts';
import { sessionQuery } from '../lib/session.ts';
import { NotFound } from './not-found.tsx';
import type { Page } from './page.ts';
import { pages } from './pages.ts';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Outlet });

const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  component: Shell,
  async beforeLoad({ location }) {
    try {
      await queryClient.query({ ...sessionQuery, staleTime: 'static' });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      throw redirect({ to: '/login', search: { next: location.href } });
    }
  },
});

type Parent = typeof root | typeof shell;

function routeOf(page: Page, parent: Parent) {
  return createRoute({
    getParentRoute: () => parent as typeof root,
    path: page.path,
    component: lazyRouteComponent(async () => ({ default: await loadCode(page.load) })),
    onEnter: () => (document.title = `${page.title} · CourierX`),
  });
}

const isPublic = (page: Page) => page.isPublic === true;

export const router = createRouter({
  routeTree: root.addChildren([
    ...pages.filter(isPublic).map((page) => routeOf(page, root)),
    shell.addChildren(pages.filter((page) => !isPublic(page)).map((page) => routeOf(page, shell))),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  defaultNotFoundComponent: NotFound,
  defaultPendingComponent: () => <Skeleton className="m-6 h-40" />,
  scrollRestoration: true,
});

onSessionEnd(() => {
  queryClient.removeQueries({ queryKey: sessionQuery.queryKey });
  const { href, pathname } = router.state.location;
  if (pages.some((page) => isPublic(page) && page.path === pathname)) return;
  void router.navigate({ to: '/login', search: { next: href, ended: true } });
});
