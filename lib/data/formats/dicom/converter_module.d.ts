/** Address of the module whose default export makes an instance of the converter. */
export declare const factory: string;
/** The compiled converter. */
export declare function compile(): Promise<WebAssembly.Module>;
