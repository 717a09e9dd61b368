/** The playground's style.css. */
import { explainedStyle } from "../../lab/explained/page/style.ts";
import { baseStyle } from "../../report/page/style.ts";
import { playStyle } from "./style.ts";

export const stylesheet = baseStyle + explainedStyle + playStyle;
