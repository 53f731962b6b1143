import type { LinkResponse } from '@headwater/client/api';
import { Alert, Code, Group, Paper, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';

import { t } from '../messages/messages.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Kept } from '../ui/kept.tsx';
import { Panel } from '../ui/panel.tsx';
import { finalUrl } from './final-url.ts';
import { utmFields } from './link-values.ts';
import type { LinkValues } from './link-values.ts';
import { QrCode } from './qr-code.tsx';
import { shortAddress } from './short-address.ts';

export interface LinkPreviewProps {
  readonly values: LinkValues;
  /** Where it is there already. */
  readonly link: LinkResponse | undefined;
}

/** What the link will be: its address, where it leads, its code. */
export function LinkPreview({ values, link }: LinkPreviewProps) {
  const tags = Object.fromEntries(utmFields.map((name) => [name, values[name].trim()]));
  const url = finalUrl(values.url.trim(), tags);
  const isUntagged = url !== undefined && values.utm_source.trim() === '';
  return (
    <Stack>
      <Panel title={t.links.preview}>
        <Stack gap="sm">
          <div>
            <Text size="xs" c="dimmed">
              {t.links.shortAddress}
            </Text>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {link === undefined
                ? `${values.domain === '' ? t.links.yourDomain : values.domain}/${values.key === '' ? '•••••••' : values.key}`
                : shortAddress(link)}
            </Text>
          </div>
          <div>
            <Group gap={4}>
              <Text size="xs" c="dimmed">
                {t.links.leadsTo}
              </Text>
              {url !== undefined && <CopyButton value={url} label={t.links.copyFinal} />}
            </Group>
            <Code
              block
              style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}
              aria-live="polite"
            >
              {url ?? t.links.noAddress}
            </Code>
          </div>
          {isUntagged && (
            <Alert role="note" variant="light" color="gray" icon={<IconInfoCircle aria-hidden />}>
              <Text size="sm">{t.links.untaggedHint}</Text>
            </Alert>
          )}
        </Stack>
      </Panel>
      <CardPreview values={values} />
      {link !== undefined && (
        <Kept by={[link.id]}>
          <Panel title={t.links.qrCode}>
            <QrCode linkId={link.id} name={shortAddress(link)} />
          </Panel>
        </Kept>
      )}
    </Stack>
  );
}

/** The card as chats show it: without its own words a preview has those of the destination. */
function CardPreview({ values }: { readonly values: LinkValues }) {
  const { og_title: title, og_description: description, og_image: image } = values;
  if (title === '' && description === '' && image === '') return null;
  const host = URL.canParse(values.url) ? new URL(values.url).host : '';
  return (
    <Panel title={t.linkForm.sections.card}>
      <Paper withBorder radius="md" p="sm" bg="var(--mantine-color-default-hover)">
        {image !== '' && (
          <Text size="xs" c="dimmed" truncate>
            {t.linkForm.imageAt(image)}
          </Text>
        )}
        <Text size="xs" c="dimmed">
          {host}
        </Text>
        <Text fw={600} size="sm">
          {title}
        </Text>
        <Text size="sm" lineClamp={3}>
          {description}
        </Text>
      </Paper>
    </Panel>
  );
}
