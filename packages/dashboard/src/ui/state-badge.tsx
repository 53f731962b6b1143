import { Badge } from '@mantine/core';
import type { MantineColor } from '@mantine/core';

/** The state of something, in a word and a colour. */
export function StateBadge(props: { readonly color: MantineColor; readonly children: string }) {
  return (
    <Badge variant="light" color={props.color} tt="none" size="sm" miw="max-content">
      {props.children}
    </Badge>
  );
}
