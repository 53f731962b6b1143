import { useState } from 'react';

import {
  Anchor,
  Button,
  Code,
  CopyButton,
  Group,
  Stack,
  Timeline,
  Text,
  TextInput,
} from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';

import { DemoOffer } from '../demo/demo-offer.tsx';
import { useRead, useWrite } from '../api/use-api.ts';
import { apiBaseUrl, readBasePath } from '../app/base-path.ts';
import { t } from '../messages/messages.ts';
import { useWorkspace } from '../app/use-workspace.ts';
import { useSession } from '../session/use-session.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { Failed } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { FirstVisit } from './first-visit.tsx';

/** Of `npm run demo`: who looks at the simulated shop already is offered no other. */
const shopSlug = 'demo';

/** From nothing to the first numbers: the tag on the site, a visit, a link. */
export function StartView() {
  const { slug } = useWorkspace();
  const isDemo = useSession()?.workspace?.is_demo === true || slug === shopSlug;
  const visitors = useRead('listVisitors', { limit: 1 });
  const hasVisitor = (visitors.data?.length ?? 0) > 0;
  const links = useRead('listLinks', { limit: 1 });
  const hasLink = (links.data?.length ?? 0) > 0;
  const invitations = useRead('listInvitations', { limit: 1 });
  const hasInvitation = (invitations.data?.length ?? 0) > 0;
  const connectors = useRead('listConnectors', undefined);
  const isTold = connectors.data?.some(({ enabled }) => enabled) ?? false;
  return (
    <Page title={t.nav.start} description={t.start.intro}>
      <Panel>
        <Timeline bulletSize={32} lineWidth={2}>
          <Timeline.Item bullet={1} title={t.start.tagTitle}>
            <ScriptTag />
          </Timeline.Item>
          <Timeline.Item
            bullet={hasVisitor ? <IconCheck size={18} aria-hidden /> : 2}
            title={t.start.visitTitle}
          >
            <FirstVisit />
          </Timeline.Item>
          <Timeline.Item
            bullet={hasLink ? <IconCheck size={18} aria-hidden /> : 3}
            title={t.start.linkTitle}
          >
            <Stack gap="xs" align="flex-start" pt="xs">
              <Text size="sm">{hasLink ? t.start.linkDone : t.start.linkHint}</Text>
              <LinkButton to="/links/new" size="xs" variant={hasLink ? 'default' : 'filled'}>
                {t.links.create}
              </LinkButton>
            </Stack>
          </Timeline.Item>
          <Timeline.Item
            bullet={hasInvitation ? <IconCheck size={18} aria-hidden /> : 4}
            title={t.start.inviteTitle}
          >
            <Stack gap="xs" align="flex-start" pt="xs">
              <Text size="sm">{hasInvitation ? t.start.inviteDone : t.start.inviteHint}</Text>
              <LinkButton to="/invitations" size="xs" variant="default">
                {t.nav.invitations}
              </LinkButton>
            </Stack>
          </Timeline.Item>
          <Timeline.Item
            bullet={isTold ? <IconCheck size={18} aria-hidden /> : 5}
            title={t.start.connectorTitle}
          >
            <Stack gap="xs" align="flex-start" pt="xs">
              <Text size="sm">{isTold ? t.start.connectorDone : t.start.connectorHint}</Text>
              <LinkButton to="/connectors" size="xs" variant="default">
                {t.nav.connectors}
              </LinkButton>
            </Stack>
          </Timeline.Item>
        </Timeline>
      </Panel>
      {!isDemo && <DemoOffer />}
    </Page>
  );
}

/** The tag with a publishable key that only this site's pages can use. */
function ScriptTag() {
  const [host, setHost] = useState('');
  const create = useWrite('createApiKey', ['listApiKeys']);
  const base = apiBaseUrl(readBasePath());
  const isHost = /^[a-z0-9.-]+\.[a-z]{2,}(?::\d+)?$|^localhost(?::\d+)?$/i.test(host);
  const key = create.data?.key;
  const tag = `<script src="${base}/js/headwater.js"${
    key === undefined ? '' : ` data-key="${key}"`
  } defer></script>`;
  return (
    <Stack gap="xs" pt="xs" pb="md">
      <Text size="sm">{t.start.tagHint}</Text>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({
            body: { kind: 'publishable', name: host, allowed_hosts: [host.toLowerCase()] },
          });
        }}
      >
        <Group align="flex-end" gap="xs">
          <TextInput
            label={t.start.host}
            placeholder="shop.example"
            value={host}
            onChange={(event) => setHost(event.currentTarget.value.trim())}
            flex="1 1 220px"
            maw={360}
          />
          <Button type="submit" disabled={!isHost} loading={create.isPending}>
            {t.start.makeTag}
          </Button>
        </Group>
      </form>
      {create.error !== null && <Failed fault={create.error} />}
      {key !== undefined && (
        <>
          <Code block aria-label={t.start.tagTitle}>
            {tag}
          </Code>
          <Group gap="xs">
            <CopyButton value={tag}>
              {({ copied, copy }) => (
                <Button
                  size="xs"
                  variant="default"
                  onClick={copy}
                  leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                >
                  {copied ? t.actions.copied : t.start.copyTag}
                </Button>
              )}
            </CopyButton>
            <Text size="xs" c="dimmed">
              {t.start.tagOnce}
            </Text>
          </Group>
        </>
      )}
      <Text size="xs" c="dimmed">
        {t.start.serverHint}{' '}
        <Anchor href={`${base}/docs`} size="xs" underline="always">
          {t.start.apiDocs}
        </Anchor>
      </Text>
    </Stack>
  );
}
