import { useState } from 'react';

import { Card, Code, Group, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core';

import { useApi } from '../api/use-api.ts';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { ExportButton } from '../ui/export-button.tsx';
import { LinkButton } from '../ui/link-button.tsx';

/** Everything of the workspace as files, and how what was elsewhere comes in. */
export function DataSettings() {
  return (
    <Stack gap="xl">
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t.data.exports}
        </Title>
        <Text size="sm" c="dimmed">
          {t.data.exportsHint}
        </Text>
        <Exports />
      </Stack>
      <Stack gap="sm">
        <Title order={2} size="h5">
          {t.data.imports}
        </Title>
        <Text size="sm" c="dimmed">
          {t.data.importsHint}
        </Text>
        <Imports />
      </Stack>
    </Stack>
  );
}

const rowFormats = ['csv', 'ndjson'] as const;
const linkFormats = ['csv', 'json', 'ndjson', 'nginx', 'caddy', 'netlify', 'snapshot'] as const;
const periods = ['30', '90', '365', '7320'] as const;

function Exports() {
  const api = useApi();
  const may = useMay();
  const [days, setDays] = useState<(typeof periods)[number]>('365');
  const period = (
    <Choice
      label={t.data.period}
      choices={periods}
      names={t.data.periods}
      value={days}
      onChange={setDays}
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="sm">
      <Export
        name="links"
        formats={linkFormats}
        read={(format) => api.exportLinks({ format, archived: 'with' })}
      />
      <Export
        name="events"
        formats={rowFormats}
        read={(format) => api.exportEvents({ days: Number(days), format })}
      >
        {period}
      </Export>
      <Export
        name="credits"
        formats={rowFormats}
        read={(format) => api.exportAttributionCredits({ days: Number(days), format })}
      >
        {period}
      </Export>
      <Export
        name="ledger"
        formats={rowFormats}
        read={(format) => api.exportLedgerEntries({ format })}
      />
      <Export
        name="waitlist"
        formats={rowFormats}
        read={(format) => api.exportWaitlist({ format })}
      />
      {may.manage && (
        <Export name="audit" formats={rowFormats} read={(format) => api.exportAudit({ format })} />
      )}
    </SimpleGrid>
  );
}

function Export<Format extends string>(props: {
  readonly name: keyof typeof t.data.names;
  readonly formats: readonly Format[];
  readonly read: (format: Format) => Promise<Response>;
  readonly children?: React.ReactNode;
}) {
  const { name, formats, read, children } = props;
  const [format, setFormat] = useState(formats[0]!);
  const words = t.data.names[name];
  return (
    <Card withBorder padding="md" radius="md">
      <Stack gap="xs" h="100%" justify="space-between">
        <div>
          <Title order={3} size="h6">
            {words}
          </Title>
          <Text size="sm" c="dimmed">
            {t.data.hints[name]}
          </Text>
        </div>
        <Group gap="xs">
          {children}
          <Choice
            label={t.data.formatOf(words)}
            choices={formats}
            names={t.data.formats as Readonly<Record<Format, string>>}
            value={format}
            onChange={setFormat}
          />
          <ExportButton
            fileName={`${name}.${endings[format] ?? format}`}
            label={t.data.exportOf(words)}
            read={() => read(format)}
          />
        </Group>
      </Stack>
    </Card>
  );
}

const endings: Readonly<Record<string, string>> = {
  nginx: 'conf',
  caddy: 'caddyfile',
  netlify: 'txt',
  snapshot: 'json',
};

function Choice<Value extends string>(props: {
  readonly label: string;
  readonly choices: readonly Value[];
  readonly names: Readonly<Record<Value, string>>;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
}) {
  const { label, choices, names, value, onChange } = props;
  return (
    <Select
      aria-label={label}
      size="xs"
      w={130}
      allowDeselect={false}
      data={choices.map((choice) => ({ value: choice, label: names[choice] }))}
      value={value}
      onChange={(next) => onChange(choices.find((choice) => choice === next) ?? value)}
    />
  );
}

const commands = {
  links: 'headwater import links --from bitly --domain go.example --dry-run bitly.json',
  events: 'headwater import events --map orders.json --dry-run orders.csv',
  accessLog: 'headwater import access-log --site https://example.com access.log.gz',
} as const;

function Imports() {
  return (
    <Stack gap="md">
      {(Object.keys(commands) as Array<keyof typeof commands>).map((name) => (
        <Stack key={name} gap={4}>
          <Title order={3} size="h6">
            {t.data.importNames[name]}
          </Title>
          <Text size="sm">{t.data.importHints[name]}</Text>
          <Group gap={4} wrap="nowrap">
            <Code
              block
              flex={1}
              miw={0}
              style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}
            >
              {commands[name]}
            </Code>
            <CopyButton value={commands[name]} label={t.data.copyCommand} />
          </Group>
          {name === 'links' && (
            <Group>
              <LinkButton to="/links/import" size="xs" variant="default">
                {t.nav.links}
              </LinkButton>
            </Group>
          )}
        </Stack>
      ))}
    </Stack>
  );
}
