import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Spotlight } from '@mantine/spotlight';
import type { SpotlightActionData, SpotlightActionGroupData } from '@mantine/spotlight';
import { IconLinkPlus, IconMoon, IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';

import { t } from '../messages/messages.ts';
import { destinations } from './navigation.ts';
import { useKeySequence } from './use-key-sequence.ts';

/** Everything by its name: Mod+K. Views by two keys: `g` and their letter. */
export function CommandPalette() {
  const navigate = useNavigate();
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme('light');
  useHotkeys([['n', () => void navigate({ to: '/links/new' })]]);
  useKeySequence('g', (key) => {
    const destination = destinations.find((candidate) => candidate.key === key);
    if (destination !== undefined) void navigate({ to: destination.to });
  });

  const views: SpotlightActionData[] = destinations.map(({ to, label, icon: Icon, key }) => ({
    id: to,
    label,
    leftSection: <Icon size={18} stroke={1.6} aria-hidden />,
    rightSection: <kbd style={{ opacity: 0.6 }}>{`g ${key}`}</kbd>,
    onClick: () => void navigate({ to }),
  }));
  const groups: SpotlightActionGroupData[] = [
    { group: t.palette.views, actions: views },
    {
      group: t.palette.actions,
      actions: [
        {
          id: 'new-link',
          label: t.links.create,
          leftSection: <IconLinkPlus size={18} stroke={1.6} aria-hidden />,
          rightSection: <kbd style={{ opacity: 0.6 }}>n</kbd>,
          onClick: () => void navigate({ to: '/links/new' }),
        },
        {
          id: 'color-scheme',
          label: scheme === 'dark' ? t.shell.lightMode : t.shell.darkMode,
          leftSection: <IconMoon size={18} stroke={1.6} aria-hidden />,
          onClick: () => setColorScheme(scheme === 'dark' ? 'light' : 'dark'),
        },
      ],
    },
  ];
  return (
    <Spotlight
      actions={groups}
      shortcut={['mod + K']}
      nothingFound={t.palette.nothing}
      highlightQuery
      scrollable
      maxHeight={420}
      searchProps={{
        leftSection: <IconSearch size={18} aria-hidden />,
        placeholder: t.palette.placeholder,
        'aria-label': t.palette.placeholder,
      }}
    />
  );
}
