import { useState } from 'react';

import { Button, Center, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';

import { Brand } from '../app/brand.tsx';
import { t } from '../messages/messages.ts';
import { useSessionStore } from './use-session.ts';

/** Takes a secret key for as long as the tab is open. */
export function SignInView() {
  const sessions = useSessionStore();
  const [key, setKey] = useState('');
  const isKey = /^\S{8,}$/.test(key.trim());
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder radius="lg" p="xl" w="100%" maw={420}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            if (isKey) sessions.begin(key.trim());
          }}
        >
          <Stack gap="md">
            <Brand />
            <div>
              <Title order={1} size="h3">
                {t.signIn.title}
              </Title>
              <Text c="dimmed" size="sm">
                {t.signIn.hint}
              </Text>
            </div>
            <PasswordInput
              label={t.signIn.key}
              value={key}
              onChange={(event) => setKey(event.currentTarget.value)}
              autoComplete="off"
              required
              data-autofocus
            />
            <Button type="submit" disabled={!isKey}>
              {t.signIn.submit}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Center>
  );
}
