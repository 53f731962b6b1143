import fc from 'fast-check';

/**
 * Where every property test begins. At the same place each time, so that a change is judged by what it does and not by
 * chance; `npm run test:explore` looks elsewhere. `PROPERTY_SEED` repeats a run that failed.
 */
export const propertySeed = Number(process.env['PROPERTY_SEED'] ?? 20_261_121);

fc.configureGlobal({ seed: propertySeed });

export { fc };
