import {
  Button,
  FileInput,
  Group,
  Progress,
  SegmentedControl,
  Select,
  SimpleGrid,
  Stack,
  Text,
} from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useState } from 'react';

import { formatNumber, formatPercent } from '../format/number.ts';
import { DomainSelect } from '../links/domain-select.tsx';
import { t } from '../messages/messages.ts';
import { useMay } from '../session/use-may.ts';
import { LinkButton } from '../ui/link-button.tsx';
import { Failed } from '../ui/loaded.tsx';
import { Page } from '../ui/page.tsx';
import { Panel } from '../ui/panel.tsx';
import { ImportReport } from './import-report.tsx';
import { useLinkImport } from './use-link-import.ts';
import type { ImportQuestion } from './use-link-import.ts';

const products = [
  'csv',
  'bitly',
  'dub',
  'kutt',
  'shlink',
  'yourls',
  'rebrandly',
  'short-io',
] as const;

/** What one request may hold. */
const bytesMax = 2 * 1024 * 1024;

/** Links of a file: what would become of each row, then the run. */
export function ImportView() {
  const [file, setFile] = useState<File | null>(null);
  const [question, setQuestion] = useState<ImportQuestion>({
    from: 'csv',
    content: '',
    on_existing: 'skip',
  });
  const may = useMay();
  const taking = useLinkImport();
  const { report, progress, isBusy, fault } = taking;
  const isTooLong = new Blob([JSON.stringify(question)]).size > bytesMax;
  // An answer is about what was asked: another question has none yet.
  const ask = (change: Partial<ImportQuestion>): void => {
    setQuestion((before) => ({ ...before, ...change }));
    taking.reset();
  };
  const read = async (chosen: File | null): Promise<void> => {
    setFile(chosen);
    ask({ content: chosen === null ? '' : await chosen.text() });
  };
  const willChange = (report?.created ?? 0) + (report?.updated ?? 0);
  const canRun = may.write && report?.dry_run === true && willChange > 0;
  const canGoOn = report?.dry_run === false && progress !== undefined && progress < 1 && !isBusy;

  return (
    <Page
      title={t.linkImport.title}
      description={t.linkImport.intro}
      actions={
        <LinkButton to="/links" size="xs" variant="default">
          {t.nav.links}
        </LinkButton>
      }
    >
      <Panel title={t.linkImport.what}>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void taking.check(question);
          }}
        >
          <Stack gap="sm">
            <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
              <Select
                label={t.linkImport.from}
                allowDeselect={false}
                data={products.map((value) => ({ value, label: t.linkImport.products[value] }))}
                value={question.from ?? 'csv'}
                onChange={(from) => ask({ from: products.find((name) => name === from) ?? 'csv' })}
              />
              <FileInput
                label={t.linkImport.file}
                placeholder={t.linkImport.choose}
                accept=".csv,.tsv,.json,.ndjson,.txt"
                leftSection={<IconFileUpload size={16} aria-hidden />}
                clearable
                clearButtonProps={{ 'aria-label': t.actions.clear }}
                value={file}
                onChange={(chosen) => void read(chosen)}
                error={isTooLong ? t.linkImport.tooLong : undefined}
                styles={{ placeholder: { color: 'var(--mantine-color-dimmed)' } }}
              />
              <DomainSelect
                label={t.linkImport.domain}
                placeholder={t.linkImport.domainOfFile}
                value={question.domain ?? ''}
                onChange={(domain) => ask({ domain: domain === '' ? undefined : domain })}
              />
            </SimpleGrid>
            <Group gap="sm">
              <Text size="sm">{t.linkImport.existing}</Text>
              <SegmentedControl
                size="xs"
                aria-label={t.linkImport.existing}
                data={(['skip', 'update'] as const).map((value) => ({
                  value,
                  label: t.linkImport.onExisting[value],
                }))}
                value={question.on_existing ?? 'skip'}
                onChange={(value) => ask({ on_existing: value })}
              />
            </Group>
            <Text size="xs" c="dimmed">
              {t.linkImport.hint}
            </Text>
            <Group>
              <Button
                type="submit"
                variant={canRun ? 'default' : 'filled'}
                disabled={!may.write || question.content === '' || isTooLong}
                loading={isBusy && progress === undefined}
              >
                {t.linkImport.check}
              </Button>
              {canRun && (
                <Button onClick={() => void taking.run(question)} loading={isBusy}>
                  {t.linkImport.run(willChange, formatNumber(willChange))}
                </Button>
              )}
              {canGoOn && (
                <Button onClick={() => void taking.run(question)}>{t.linkImport.goOn}</Button>
              )}
              {isBusy && progress !== undefined && (
                <Button variant="default" onClick={taking.stop}>
                  {t.linkImport.stop}
                </Button>
              )}
            </Group>
          </Stack>
        </form>
      </Panel>
      {fault !== undefined && <Failed fault={fault} />}
      {progress !== undefined && (
        <Stack gap={4}>
          <Progress value={progress * 100} animated={isBusy} aria-label={t.linkImport.progress} />
          <Text size="sm" c="dimmed" role="status">
            {isBusy || progress < 1
              ? t.linkImport.progressOf(formatPercent(progress))
              : t.linkImport.done}
          </Text>
        </Stack>
      )}
      {report !== undefined && <ImportReport report={report} />}
    </Page>
  );
}
