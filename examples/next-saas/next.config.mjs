// The engine stays out of the bundle: it is a library of the process, with files of its own.
export default { serverExternalPackages: ['headwater', '@electric-sql/pglite'] };
