import type { Connector, CredentialField, SettingField } from './connector.ts';
import type { StoredConnector } from './stored-connector.ts';

/** A connector as a workspace sees it. Credentials are never told. */
export interface ConnectorState {
  readonly type: string;
  readonly label: string;
  readonly enabled: boolean;
  readonly enabledAt: Date | undefined;
  /** The conversions that the platform can be told of. */
  readonly supportedEventTypes: readonly string[];
  /** Those that it is told of. */
  readonly eventTypes: readonly string[];
  /** Of each group a conversion needs one. */
  readonly requiredSignals: readonly (readonly string[])[];
  readonly credentials: ReadonlyArray<{
    readonly name: string;
    readonly field: CredentialField;
    readonly isSet: boolean;
  }>;
  readonly settings: ReadonlyArray<{
    readonly name: string;
    readonly field: SettingField;
    readonly value: string | number | boolean;
  }>;
  readonly test: boolean;
  /** What test mode does; `undefined` where the platform has none. */
  readonly testMode: string | undefined;
  /** Nothing is sent until the connector is changed or resumed. */
  readonly paused:
    | { readonly at: Date; readonly code: string; readonly message: string }
    | undefined;
  /** The platform has asked to be left alone until then. */
  readonly restingUntil: Date | undefined;
}

export function connectorState(
  connector: Connector,
  stored: StoredConnector | undefined,
  credentialNames: ReadonlySet<string>,
): ConnectorState {
  return {
    type: connector.type,
    label: connector.label,
    enabled: stored?.enabled ?? false,
    enabledAt: stored?.enabledAt,
    supportedEventTypes: connector.eventTypes,
    eventTypes: stored?.eventTypes ?? [],
    requiredSignals: connector.requiredSignals,
    credentials: Object.entries(connector.credentials).map(([name, field]) => ({
      name,
      field,
      isSet: credentialNames.has(name),
    })),
    settings: Object.entries(connector.settings).map(([name, field]) => ({
      name,
      field,
      // It was checked when it was stored.
      value: (stored?.settings[name] as string | undefined) ?? field.default,
    })),
    test: stored?.test ?? false,
    testMode: connector.testMode,
    paused: stored?.paused,
    restingUntil: stored?.restingUntil,
  };
}
