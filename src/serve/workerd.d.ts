/** The runtime's package has no types. As a CommonJS module it exports the path of the program. */
declare module "workerd" {
  const exports: { readonly default: string };
  export default exports;
}
