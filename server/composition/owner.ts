/** Everything embedded belongs to the one user of the machine. */
export const OWNER = 'local';
