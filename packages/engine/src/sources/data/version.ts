/**
 * The version of the built-in rules: the date of their last change, of the tables beside this file or of the code that
 * reads them. It is kept with every decision, so that what older rules decided can be found and decided again.
 */
export const builtInRulesVersion = '2026-11-21';
