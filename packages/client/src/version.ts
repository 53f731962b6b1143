/** Stands in the `User-Agent`; a test keeps it equal to the package's version. */
export const version = '0.1.0';
