import { Navigate, createRoute, lazyRouteComponent } from '@tanstack/react-router';
import type { AnyRootRoute } from '@tanstack/react-router';

const pages = ['setup', 'join', 'magic-link', 'forgot-password', 'reset-password'];

/** Whether a page is for who is not signed in, too. */
export function isForAnybody(pathname: string): boolean {
  return pages.includes(pathname.split('/').findLast((part) => part !== '') ?? '');
}

export function authRoutes<Root extends AnyRootRoute>(root: Root) {
  const under = { getParentRoute: () => root };
  return [
    // Who is signed in has no business there.
    createRoute({ ...under, path: '/sign-in', component: () => <Navigate to="/overview" /> }),
    createRoute({
      ...under,
      path: '/setup',
      component: lazyRouteComponent(() => import('./set-up-view.tsx'), 'SetUpView'),
    }),
    createRoute({
      ...under,
      path: '/join',
      component: lazyRouteComponent(() => import('./join-view.tsx'), 'JoinView'),
    }),
    createRoute({
      ...under,
      path: '/magic-link',
      component: lazyRouteComponent(() => import('./password-views.tsx'), 'MagicLinkView'),
    }),
    createRoute({
      ...under,
      path: '/forgot-password',
      component: lazyRouteComponent(() => import('./password-views.tsx'), 'ForgotPasswordView'),
    }),
    createRoute({
      ...under,
      path: '/reset-password',
      component: lazyRouteComponent(() => import('./password-views.tsx'), 'ResetPasswordView'),
    }),
  ] as const;
}
