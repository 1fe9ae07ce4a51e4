// The entry: every page loads this one module, it loads the rest.
import { startDialogs } from "pms/dialog";
import { startForms } from "pms/forms";
import { startKeys } from "pms/keys";
import { startMenus } from "pms/menus";
import { startPalette } from "pms/palette";
import { startPrint } from "pms/print";
import { startProving } from "pms/proving";
import { startStates } from "pms/states";
import { startTheme } from "pms/theme";
import { startToasts } from "pms/toasts";

startTheme();
startMenus();
startDialogs();
startStates();
startForms();
startToasts();
startPalette();
startKeys();
startPrint();
startProving();

if (document.body.dataset.liveUrl) await Promise.all([import("pms/live"), import("pms/turns")]);
if (document.querySelector("form[data-passkey]")) (await import("pms/passkeys")).startPasskeys();
const visit = document.querySelector("[data-support-ends]");
if (visit) (await import("pms/support")).startSupport(visit);
