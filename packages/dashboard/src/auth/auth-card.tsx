import type { ReactNode } from 'react';

import { Center, Paper, Stack, Text, Title } from '@mantine/core';

import { Brand } from '../app/brand.tsx';

/** A page for who is not signed in yet. */
export function AuthCard(props: {
  readonly title: string;
  readonly hint?: ReactNode;
  readonly children?: ReactNode;
}) {
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder radius="lg" p="xl" w="100%" maw={420}>
        <Stack gap="md">
          <Brand />
          <div>
            <Title order={1} size="h3">
              {props.title}
            </Title>
            {props.hint !== undefined && (
              <Text c="dimmed" size="sm">
                {props.hint}
              </Text>
            )}
          </div>
          {props.children}
        </Stack>
      </Paper>
    </Center>
  );
}
