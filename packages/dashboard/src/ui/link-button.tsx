import { Button } from '@mantine/core';
import type { ButtonProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef } from 'react';

/** A button that leads to another view. */
export const LinkButton = createLink(
  forwardRef<HTMLAnchorElement, ButtonProps>(function LinkButton(props, ref) {
    return <Button component="a" ref={ref} {...props} />;
  }),
);
