import { Anchor } from '@mantine/core';
import type { AnchorProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef } from 'react';

/** A link to another view. */
export const TextLink = createLink(
  forwardRef<HTMLAnchorElement, AnchorProps>(function TextLink(props, ref) {
    return <Anchor ref={ref} {...props} />;
  }),
);
