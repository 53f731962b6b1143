import { Suspense, lazy, useEffect } from 'react';

import {
  ActionIcon,
  AppShell,
  Badge,
  Box,
  Burger,
  Button,
  Center,
  Group,
  Kbd,
  Loader,
  Text,
  Tooltip,
  VisuallyHidden,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconLogout, IconMoon, IconSearch, IconSun } from '@tabler/icons-react';
import { Outlet, useLocation, useMatches } from '@tanstack/react-router';

import { useRead } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { isForAnybody } from '../auth/auth-routes.tsx';
import { WorkspaceSwitch } from '../auth/workspace-switch.tsx';
import { DemoBanner } from '../demo/demo-banner.tsx';
import { useKnownSession, useSession, useSessionStore } from '../session/use-session.ts';
import { Failed } from '../ui/loaded.tsx';
import { notifyFault } from '../ui/notify.ts';
import { Brand } from './brand.tsx';
import { CommandPalette } from './command-palette.tsx';
import { openPalette } from './open-palette.ts';
import { LiveNow } from './live-now.tsx';
import { NavigationList } from './navigation-list.tsx';
import { WorkspaceContext } from './use-workspace.ts';

const SignInView = lazy(() =>
  import('../auth/sign-in-view.tsx').then(({ SignInView: component }) => ({
    default: component,
  })),
);

/** What stands around every view; without a session, the way to one. */
export function Shell() {
  const isKnown = useKnownSession();
  const session = useSession();
  // Of what is shown, not of what is being loaded: a view has no workspace out there.
  const shown = useMatches({ select: (matches) => matches.at(-1)?.fullPath });
  if (isForAnybody(shown ?? ''))
    return (
      <Suspense fallback={<Waiting />}>
        <Outlet />
      </Suspense>
    );
  if (!isKnown) return <Waiting />;
  if (session === undefined) {
    return (
      <Suspense fallback={<Waiting />}>
        <SignInView />
      </Suspense>
    );
  }
  return <SignedInShell />;
}

function SignedInShell() {
  const workspace = useRead('getWorkspace', undefined);
  const isDemo = useSession()?.workspace?.is_demo === true;
  const sessions = useSessionStore();
  const [isOpen, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);

  if (workspace.isPending) return <Waiting />;
  if (workspace.data === undefined)
    return (
      <Box p="xl">
        <Failed fault={workspace.error} retry={() => void workspace.refetch()} />
        {isDemo && (
          <Button mt="md" variant="default" onClick={() => void sessions.leaveDemo(true)}>
            {t.demo.leave}
          </Button>
        )}
      </Box>
    );
  return (
    <WorkspaceContext value={workspace.data}>
      <CommandPalette />
      <AppShell
        header={{ height: 56 }}
        navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
        padding={{ base: 'sm', sm: 'lg' }}
      >
        <AppShell.Header>
          <Group h="100%" px="md" justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap" miw={0}>
              <Burger
                opened={isOpen}
                onClick={toggle}
                hiddenFrom="sm"
                size="sm"
                aria-label={isOpen ? t.shell.closeMenu : t.shell.openMenu}
                aria-expanded={isOpen}
              />
              <Brand />
              <Text size="sm" c="dimmed" truncate visibleFrom="sm">
                {workspace.data.name}
              </Text>
              {isDemo && (
                <Tooltip label={t.shell.demoHint}>
                  <Badge color="orange" variant="light" tt="none" style={{ flexShrink: 0 }}>
                    {t.shell.demo}
                  </Badge>
                </Tooltip>
              )}
            </Group>
            <Group gap="xs" wrap="nowrap">
              <WorkspaceSwitch />
              <LiveNow />
              <Button
                variant="default"
                size="xs"
                visibleFrom="sm"
                leftSection={<IconSearch size={14} aria-hidden />}
                rightSection={
                  <Kbd size="xs">
                    {t.shell.paletteKey(/Mac|iP(?:hone|ad)/.test(navigator.userAgent))}
                  </Kbd>
                }
                onClick={openPalette}
              >
                {t.shell.search}
              </Button>
              <ActionIcon
                hiddenFrom="sm"
                variant="default"
                size="lg"
                onClick={openPalette}
                aria-label={t.shell.search}
              >
                <IconSearch size={18} aria-hidden />
              </ActionIcon>
              <ColorSchemeToggle />
              <SignOut />
            </Group>
          </Group>
        </AppShell.Header>
        <AppShell.Navbar p="xs" aria-label={t.shell.navigation}>
          <NavigationList />
        </AppShell.Navbar>
        <AppShell.Main id="main">
          {isDemo && <DemoBanner />}
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </AppShell.Main>
      </AppShell>
    </WorkspaceContext>
  );
}

function Waiting() {
  return (
    <Center mih="60vh" role="status">
      <Loader aria-hidden />
      <VisuallyHidden>{t.states.loading}</VisuallyHidden>
    </Center>
  );
}

function ColorSchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  const next = scheme === 'dark' ? 'light' : 'dark';
  const label = next === 'dark' ? t.shell.darkMode : t.shell.lightMode;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size="lg"
        onClick={() => setColorScheme(next)}
        aria-label={label}
      >
        {next === 'dark' ? <IconMoon size={18} aria-hidden /> : <IconSun size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}

function SignOut() {
  const sessions = useSessionStore();
  return (
    <Tooltip label={t.shell.signOut}>
      <ActionIcon
        variant="default"
        size="lg"
        onClick={() => void sessions.signOut().catch(notifyFault)}
        aria-label={t.shell.signOut}
      >
        <IconLogout size={18} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
