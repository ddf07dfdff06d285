/** What is used of jstat, which ships no types. */
declare module 'jstat' {
  export const jStat: {
    readonly normal: {
      /** The quantile function of the normal distribution. */
      inv(p: number, mean: number, deviation: number): number;
    };
    readonly studentt: {
      /** The quantile function of Student's t with `dof` degrees of freedom. */
      inv(p: number, dof: number): number;
    };
  };
}
