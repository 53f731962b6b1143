import { Fragment, forwardRef } from 'react';

import { NavLink, ScrollArea, Text } from '@mantine/core';
import type { NavLinkProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';

import { sections } from './navigation.ts';

const ViewLink = createLink(
  forwardRef<HTMLAnchorElement, NavLinkProps>(function ViewLink(props, ref) {
    return <NavLink ref={ref} {...props} />;
  }),
);

export function NavigationList() {
  return (
    <ScrollArea type="hover" viewportProps={{ tabIndex: -1 }}>
      {sections.map((section) => (
        <Fragment key={section.label}>
          <Text size="xs" fw={600} c="dimmed" px="sm" pt={8} pb={2}>
            {section.label}
          </Text>
          {section.destinations.map(({ to, label, icon: Icon }) => (
            <ViewLink
              key={to}
              to={to}
              label={label}
              leftSection={<Icon size={18} stroke={1.6} aria-hidden />}
              activeProps={{ active: true, 'aria-current': 'page' } as object}
              activeOptions={{ includeSearch: false }}
              // Everything at once on a laptop; a finger wants more room.
              py={{ base: 6, sm: 2 }}
              style={{ borderRadius: 'var(--mantine-radius-md)' }}
            />
          ))}
        </Fragment>
      ))}
    </ScrollArea>
  );
}
