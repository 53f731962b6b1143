import type { ExportShape } from '../http/export-stream.ts';
import { toReportRowResponse, toTopPathResponse } from './attribution-schema.ts';
import { creditRowResponse, toCreditRowResponse } from './conversion-schema.ts';
import type { CreditRow } from './list-credits.ts';
import type { AttributionReport } from './report-attribution.ts';
import type { PathReport, TopPath } from './report-paths.ts';
import type { ReportRow } from './report-rows.ts';

/** A report as a table: for each model the conversions, and the money in each currency. */
export function reportShape({ models, totals }: AttributionReport): ExportShape<ReportRow> {
  const currencies = totals.revenue.map(({ currency }) => currency);
  return {
    columns: [
      'kind',
      'value',
      'label',
      ...models.flatMap(({ key }) => [
        `${key} conversions`,
        ...currencies.map((currency) => `${key} ${currency}`),
      ]),
    ],
    cells: (row) => [
      row.kind,
      row.value,
      row.label,
      ...models.flatMap(({ key }) => {
        const credit = row.credits[key];
        const amountOf = (currency: string): bigint =>
          credit?.revenue.find((money) => money.currency === currency)?.amountMinor ?? 0n;
        return [credit?.conversions, ...currencies.map((currency) => Number(amountOf(currency)))];
      }),
    ],
    document: toReportRowResponse,
  };
}

/** Paths as a table, each in one cell, with the money in each currency. */
export function pathShape({ totals }: PathReport): ExportShape<TopPath> {
  const currencies = totals.revenue.map(({ currency }) => currency);
  return {
    columns: ['path', 'touches', 'conversions', ...currencies, 'average_days'],
    cells: ({ steps, conversions, revenue, averageDays }) => [
      steps
        .map(({ kind, value, label }) => label ?? value ?? `(${kind.replace('_', ' ')})`)
        .join(' > '),
      steps.length,
      conversions,
      ...currencies.map((currency) =>
        Number(revenue.find((money) => money.currency === currency)?.amountMinor ?? 0n),
      ),
      averageDays,
    ],
    document: toTopPathResponse,
  };
}

const creditColumns = Object.keys(creditRowResponse.shape) as Array<
  keyof (typeof creditRowResponse)['shape']
>;

/** Rows of credit, one column for each of their fields. */
export const creditShape: ExportShape<CreditRow> = {
  columns: creditColumns,
  cells(row) {
    const document = toCreditRowResponse(row);
    return creditColumns.map((column) => document[column]);
  },
  document: toCreditRowResponse,
};
