// Upstream generates this from options.h.tpl.
#pragma once

#define TF_OPTION_REGISTRATION_V2() false
