import "@fontsource-variable/inter/wght.css";
import "./lib/tokens.css";
import "./lib/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { theme } from "./lib/theme.svelte";

theme.apply();
mount(App, { target: document.body });
