parent_registered mtty 
definition_added mtty mtty-1
