import type { FieldErrors } from '../kernel/validation.ts';
import { checkStepFilter, isText } from './check-step-filter.ts';
import { funnelLimits, funnelScopes, stepCombinations } from './funnel.ts';
import type {
  CheckedDefinition,
  FunnelDefinition,
  FunnelStep,
  StepFilter,
  UrlFilter,
} from './funnel.ts';
import { canonicalPath } from './url-pattern.ts';
import { checkVisitFilters } from './visit-dimension.ts';

type Complain = (place: string, message: string) => void;

/**
 * The definition with its defaults, or what is wrong with it by the place where it stands: `steps[1].filters[0].value`.
 * A host without types is told as clearly as one with them.
 */
export function checkDefinition(
  input: FunnelDefinition,
):
  | { readonly ok: true; readonly value: CheckedDefinition }
  | { readonly ok: false; readonly errors: FieldErrors } {
  const errors: Record<string, string[]> = {};
  const complain: Complain = (place, message) => {
    (errors[place] ??= []).push(message);
  };
  const { steps, scope = 'person', filters = [] } = input;
  const window = input.window ?? { days: funnelLimits.windowDaysDefault };
  checkSteps(steps, complain);
  if (!isWholeNumber((window as Partial<typeof window> | null)?.days, funnelLimits.windowDaysMax))
    complain('window', `must be a whole number of days from 1 to ${funnelLimits.windowDaysMax}`);
  if (!funnelScopes.includes(scope)) complain('scope', `must be one of ${funnelScopes.join(', ')}`);
  Object.assign(errors, checkVisitFilters(filters, 'filters'));
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  return {
    ok: true,
    value: {
      steps: steps.map(canonicalStep),
      window: { days: window.days },
      scope,
      filters: filters.map(({ dimension, values, exclude = false }) => ({
        dimension,
        values,
        exclude,
      })),
    },
  };
}

function checkSteps(steps: unknown, complain: Complain): void {
  const { stepsMin, stepsMax, filtersMax, labelLengthMax } = funnelLimits;
  if (!Array.isArray(steps) || steps.length < stepsMin || steps.length > stepsMax)
    return complain('steps', `must be ${stepsMin} to ${stepsMax} steps`);
  for (const [index, step] of steps.entries()) {
    const { label, combine, filters } = (step ?? {}) as Partial<FunnelStep>;
    const place = `steps[${index}]`;
    if (label !== undefined && !isText(label, labelLengthMax))
      complain(`${place}.label`, `must have 1 to ${labelLengthMax} characters`);
    if (combine !== undefined && !stepCombinations.includes(combine))
      complain(`${place}.combine`, `must be one of ${stepCombinations.join(', ')}`);
    if (!Array.isArray(filters) || filters.length < 1 || filters.length > filtersMax) {
      complain(`${place}.filters`, `must be 1 to ${filtersMax} filters`);
      continue;
    }
    for (const [at, filter] of filters.entries())
      checkStepFilter(filter, (part, message) =>
        complain(`${place}.filters[${at}]${part === '' ? '' : `.${part}`}`, message),
      );
  }
}

function canonicalStep({ label, combine = 'all', filters }: FunnelStep) {
  return {
    ...(label !== undefined && { label }),
    combine,
    filters: filters.map(canonicalFilter),
  };
}

/** Nothing left open, and of a path what paths are compared by. */
function canonicalFilter(filter: StepFilter): StepFilter {
  switch (filter.kind) {
    case 'link':
      return { ...filter, ids: filter.ids.map((id) => id.toLowerCase()) };
    case 'property':
      return { ...filter, op: filter.op ?? 'eq' };
    case 'url':
      return canonicalUrl(filter);
    case 'event':
    case 'source':
      break;
  }
  return filter;
}

function canonicalUrl(filter: UrlFilter): UrlFilter {
  const { scope = 'path', match = 'equals', value, values } = filter;
  const whole = match === 'equals' || match === 'in';
  const canonical = (text: string): string => {
    if (scope === 'host' && match !== 'regex') return text.toLowerCase();
    return scope === 'path' && whole ? canonicalPath(text) : text;
  };
  return {
    kind: 'url',
    scope,
    match,
    ...(value !== undefined && { value: canonical(value) }),
    ...(values !== undefined && { values: values.map(canonical) }),
  };
}

function isWholeNumber(value: unknown, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most;
}
